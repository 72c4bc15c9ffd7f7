import module from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AuditedModule, patchModule, versionIn } from './audited-module.js';
import { guard, report } from './guard.js';

interface Awaited {
  readonly module: string;
  readonly names: readonly string[];
}

/** What a module declares, by name. */
type Declared = Readonly<Record<string, unknown>>;

/** Where ES modules hand over what they declare: by their URLs, one table a thread, shared by all copies of this code. */
const KEY = Symbol.for('botaudit.declared.1');

/** How long a module may take from being loaded to having run before it is said that it handed over nothing. */
const HANDED_OVER_WITHIN_MS = 10_000;

/** Files that are about to be loaded, and what each is to hand over, to be patched in which module. */
const awaited = new Map<string, Awaited>();
/** Files that were loaded: they are asked for again by each module that imports them. */
const loaded = new Set<string>();
let hooks: module.ModuleHooks | undefined;

/**
 * Patches an ES module as soon as it was run, if it is one of those that `audited` names. Meant to be called for each of
 * the module's files, before it is loaded: a resolve hook's work.
 *
 * The namespace of an ES module can't be had from outside while it is imported, so its source is given one statement
 * more. The hook for that is there only from the moment that such a file was found until it is loaded: a load hook that
 * does nothing still changes how some versions of Node load other modules (imported CommonJS has no `require.cache` with
 * 22.15), and all pay for it.
 *
 * @param folder where the module's `package.json` is.
 * @param url of the file that was asked for.
 */
export function patchEsModule(audited: AuditedModule, folder: string, url: string): void {
  // With a query or a fragment it is a module of its own, which declares classes of its own.
  const address = url.replace(/[?#].*$/s, '');
  const found = Object.entries(audited.esModules ?? {}).find(([file]) => address.endsWith(`/${file}`));
  if (!found || awaited.has(url) || loaded.has(url)) return;
  const [file, names] = found;
  if (fileURLToPath(address) !== join(folder, file)) return;
  table().set(url, (declared) => {
    table().delete(url);
    if (!patchModule(audited, declared, versionIn(folder))) return;
    const missing = names.filter((name) => declared[name] === undefined);
    if (missing.length > 0) report(audited.module, new Error(`${file} declares no ${missing.join(', ')}`));
  });
  awaited.set(url, { module: audited.module, names });
  hooks ??= module.registerHooks({ load });
  // Node goes from finding a file to loading it without waiting for anything; a file that was only looked for, as by
  // `import.meta.resolve`, would leave the hook there.
  setImmediate(() => stopWaiting(url)).unref();
}

const load: module.LoadHookSync = (url, context, nextLoad) => {
  const result = nextLoad(url, context);
  const file = awaited.get(url);
  if (!file) return result;
  return guard('es_modules', () => handingOver(url, file, result)) ?? result;
};

function handingOver(url: string, { module, names }: Awaited, result: module.LoadFnOutput): module.LoadFnOutput {
  stopWaiting(url);
  loaded.add(url);
  // Whatever kept it from handing over, the framework would run unaudited, and nobody would know.
  setTimeout(() => {
    if (table().has(url)) report(module, new Error(`${url} was loaded and is not patched: it handed over nothing`));
  }, HANDED_OVER_WITHIN_MS).unref();
  const { format, source } = result;
  if (format !== 'module' || source === undefined || source === null) return result;
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  return { ...result, source: `${text}\n${statement(names)}` };
}

/**
 * Hands over by name, and in no case throws: neither what is not declared nor whatever the module itself calls `Symbol`
 * is an error of the bot's; that nothing was handed over is noticed by itself. On a line of its own after all others, so
 * that these keep their numbers, and a comment at the end its end.
 */
function statement(names: readonly string[]): string {
  const declared = names.map((name) => `${name}: typeof ${name} === 'undefined' ? undefined : ${name}`).join(', ');
  return `;try { globalThis[Symbol.for('${KEY.description}')]?.get(import.meta.url)?.({ ${declared} }); } catch {}`;
}

function stopWaiting(url: string): void {
  awaited.delete(url);
  if (awaited.size > 0) return;
  hooks?.deregister();
  hooks = undefined;
}

function table(): Map<string, (declared: Declared) => void> {
  const holder = globalThis as { [KEY]?: Map<string, (declared: Declared) => void> };
  holder[KEY] ??= new Map();
  return holder[KEY];
}
