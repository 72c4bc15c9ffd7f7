import module, { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type AuditedModule, patchLoadedFiles } from './audited-module.js';
import { patchEsModule } from './es-modules.js';
import { guard } from './guard.js';

const { cache } = createRequire(import.meta.url);

/**
 * Patches a module as its files are loaded, whichever way they are: as the preload flag does, for those who register
 * instrumentations by code. What is loaded by then is not patched.
 *
 * @param isActive whether it is to be patched at the moment.
 */
export function watchModule(audited: AuditedModule, isActive: () => boolean): void {
  const part = `/node_modules/${audited.module}/`;
  const found = (url: string): void => {
    const at = url.lastIndexOf(part);
    if (at < 0 || !url.startsWith('file:') || !isActive()) return;
    const folder = fileURLToPath(url.slice(0, at + part.length - 1));
    patchLoadedFiles(audited, folder, cache);
    patchEsModule(audited, folder, url);
  };
  module.registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      guard(audited.module, () => found(resolved.url));
      return resolved;
    },
  });
}
