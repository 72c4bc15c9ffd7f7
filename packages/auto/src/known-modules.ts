import { fileURLToPath } from 'node:url';

/** Modules that auditing begins with, by what their framework is called to people. */
const FRAMEWORKS = { grammy: 'grammY', '@grammyjs/runner': 'grammY' } as const;

const NAMES = Object.keys(FRAMEWORKS);

/** What frameworks are audited, for a reader. */
export const FRAMEWORK_NAMES = [...new Set(Object.values(FRAMEWORKS))].join(', ');

/** The package by which an application records events of its own. */
const API = '@botaudit/api';

/** A module that is of interest. */
export type KnownModule =
  | { readonly kind: 'api' }
  | { readonly kind: 'framework'; readonly name: string /** Where its `package.json` is. */; readonly folder: string };

/**
 * What a module is to auditing, by what it is asked for as and where it was found. Runs for every module that an
 * application loads.
 */
export function knownModule(specifier: string, url: string): KnownModule | undefined {
  for (const name of NAMES) {
    const found = url.lastIndexOf(`/node_modules/${name}/`);
    if (found >= 0 && url.startsWith('file:')) {
      const folder = url.slice(0, found + `/node_modules/${name}`.length);
      return { kind: 'framework', name, folder: fileURLToPath(folder) };
    }
  }
  return specifier === API ? { kind: 'api' } : undefined;
}
