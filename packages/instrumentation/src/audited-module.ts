import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { currentBackend, guard } from './guard.js';
import { read } from './read.js';
import { isSupported, type SupportedVersions } from './supported-versions.js';

/** A module to be audited, and what to do with it. */
export interface AuditedModule {
  /** As it is imported, e.g. `grammy`. */
  readonly module: string;
  /** The framework's name in records; absent for a plugin or another part of one. */
  readonly framework?: string | undefined;
  readonly supported: SupportedVersions;
  /**
   * Files of the module whose exports are patched, e.g. `out/bot.js`. Its main file need not be among them: an
   * `import` of a CommonJS module can't be seen without a loader hook, but what its files require of each other can.
   */
  readonly files: readonly string[];
  /**
   * Those of `files` that require no further file of the module once their exports are there: bundles. Nothing shows when
   * such a file was loaded, so it is loaded just before whoever asks for it does so.
   */
  readonly bundles?: readonly string[] | undefined;
  /**
   * Files of the module that are ES modules, e.g. `dist/index.mjs`, each with the names by which it declares the classes
   * that are patched. A list of names: `export { Local as Exported }` declares `Local`. Nothing that is exported by an ES
   * module can be replaced, only patched.
   */
  readonly esModules?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Patches prototypes and exports in place. May be called more than once, and before all of them exist. */
  readonly patch: (exports: object) => void;
}

/** Versions of modules that were judged, so that each is announced once. */
const judged = new Map<string, boolean>();

/**
 * Patches what a module exports, if its version is supported. Never throws.
 *
 * @param version `undefined` where it can't be known, as with a framework bundled into one file with the bot; it gets
 * the benefit of the doubt.
 * @returns whether it is supported, and what was given can be patched.
 */
export function patchModule(audited: AuditedModule, exports: unknown, version: string | undefined): boolean {
  if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) return false;
  const supported = judge(audited, version);
  if (supported) guard(audited.module, () => audited.patch(exports));
  return supported;
}

function judge({ module, framework, supported }: AuditedModule, version = 'bundled'): boolean {
  const key = `${module}@${version}`;
  const known = judged.get(key);
  if (known !== undefined) return known;
  const fits = version === 'bundled' || isSupported(supported, version);
  judged.set(key, fits);
  if (framework === undefined) return fits;
  // The backend says so where it is not supported, counts it, and puts it on record.
  guard(module, () => currentBackend()?.announceFramework({ name: framework, version, supported: fits }));
  return fits;
}

/** A module that Node has loaded, as far as it is used here. */
export interface LoadedFile {
  readonly exports: unknown;
}

/** Folders of modules that were seen, with their versions. */
const versions = new Map<string, string | undefined>();

/**
 * Patches those files of a module that are loaded by now. Meant to be called whenever one of its files asks for
 * another: each then is patched before anybody uses it, whichever way the module is loaded.
 *
 * @param folder where the module's `package.json` is.
 * @param cache `require.cache`.
 */
export function patchLoadedFiles(
  audited: AuditedModule,
  folder: string,
  cache: Readonly<Record<string, LoadedFile | undefined>>,
): void {
  for (const file of audited.files) {
    const loaded = cache[join(folder, file)];
    if (loaded) patchModule(audited, loaded.exports, versionIn(folder));
  }
}

/** Bundles that are being loaded. */
const ahead = new Set<string>();

/**
 * Loads and patches a file of a module that is asked for, if it is one of its bundles.
 *
 * @param folder where the module's `package.json` is.
 * @param url of the file that was asked for.
 * @param require of any CommonJS module.
 */
export function patchBundle(audited: AuditedModule, folder: string, url: string, require: NodeJS.Require): void {
  const found = audited.bundles?.find((file) => url.endsWith(`/${file}`));
  if (found === undefined) return;
  const path = join(folder, found);
  if (ahead.has(path) || require.cache[path] || fileURLToPath(url) !== path) return;
  ahead.add(path);
  try {
    patchModule(audited, require(path), versionIn(folder));
  } catch {
    // Whoever asks for it is thrown the same.
  } finally {
    ahead.delete(path);
  }
}

/** @returns `undefined` where its `package.json` can't be read. */
export function versionIn(folder: string): string | undefined {
  if (versions.has(folder)) return versions.get(folder);
  const version = guard('version', () =>
    read(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')), 'version'),
  );
  versions.set(folder, typeof version === 'string' ? version : undefined);
  return versions.get(folder);
}
