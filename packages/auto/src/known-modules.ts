import { fileURLToPath } from 'node:url';

/** Frameworks that are audited, by the file in `frameworks` that knows how; as they are called to people. */
const TITLES = { grammy: 'grammY', telegraf: 'Telegraf', discordjs: 'discord.js' } as const;

export type Framework = keyof typeof TITLES;

/** Frameworks that are audited. */
export const FRAMEWORKS = Object.keys(TITLES) as Framework[];

/** What frameworks are audited, for a reader. */
export const FRAMEWORK_NAMES = Object.values(TITLES).join(', ');

/** Modules that auditing begins with, and the framework that each is of. */
const MODULES: Readonly<Record<string, Framework>> = {
  grammy: 'grammy',
  '@grammyjs/runner': 'grammy',
  telegraf: 'telegraf',
  'discord.js': 'discordjs',
  '@discordjs/rest': 'discordjs',
};

const ENTRIES = Object.entries(MODULES);

/** The package by which an application records events of its own. */
const API = '@botaudit/api';

export interface KnownFramework {
  readonly kind: 'framework';
  readonly framework: Framework;
  readonly name: string;
  /** Where its `package.json` is. */
  readonly folder: string;
}

/** A module that is of interest. */
export type KnownModule = { readonly kind: 'api' } | KnownFramework;

/**
 * What a module is to auditing, by what it is asked for as and where it was found. Runs for every module that an
 * application loads.
 */
export function knownModule(specifier: string, url: string): KnownModule | undefined {
  for (const [name, framework] of ENTRIES) {
    const found = url.lastIndexOf(`/node_modules/${name}/`);
    if (found >= 0 && url.startsWith('file:')) {
      const folder = url.slice(0, found + `/node_modules/${name}`.length);
      return { kind: 'framework', framework, name, folder: fileURLToPath(folder) };
    }
  }
  return specifier === API ? { kind: 'api' } : undefined;
}
