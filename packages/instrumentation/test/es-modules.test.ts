import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { AuditedModule } from '../src/audited-module.js';
import { patchEsModule } from '../src/es-modules.js';
import { patchMethod } from '../src/patch-method.js';
import { useBackend } from './fixture.js';

const backend = useBackend();
const folders: string[] = [];
const calls: unknown[] = [];

/** The framework's files as they are when the next one is written. */
const SOURCE = [
  '// A framework in ES modules.',
  'class Base { where() { return new Error("here").stack; } }',
  'class LocalBot extends Base { handle(update) { return update; } }',
  'export { LocalBot as Bot };',
].join('\n');

const FRAMEWORK: AuditedModule = {
  module: 'esm-framework',
  framework: 'esm',
  supported: { from: '1.0.0', below: '2.0.0' },
  files: [],
  esModules: { 'lib/bot.mjs': ['LocalBot'] },
  patch: (declared) => {
    const { LocalBot } = declared as { LocalBot?: { prototype: object } };
    if (!LocalBot) return;
    patchMethod(LocalBot.prototype, 'handle', (original) => {
      return function (this: unknown, ...args) {
        calls.push(args[0]);
        return Reflect.apply(original, this, args);
      };
    });
  },
};

/** A framework on disk. @returns its folder. */
function framework(source: string, version = '1.2.3'): string {
  const root = mkdtempSync(join(tmpdir(), 'botaudit-test-'));
  folders.push(root);
  const folder = join(root, 'node_modules', 'esm-framework');
  mkdirSync(join(folder, 'lib'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'esm-framework', version }));
  writeFileSync(join(folder, 'lib', 'bot.mjs'), source);
  writeFileSync(join(folder, 'lib', 'index.mjs'), "export { Bot } from './bot.mjs';");
  writeFileSync(join(folder, 'lib', 'other.cjs'), 'exports.cached = require.cache !== undefined;');
  return folder;
}

interface Exports {
  readonly Bot: new () => { handle(update: unknown): unknown; where(): string };
}

const url = (folder: string, file: string): string => `${pathToFileURL(join(folder, 'lib')).href}/${file}`;
const load = (folder: string, file = 'index.mjs'): Promise<Exports> => import(/* @vite-ignore */ url(folder, file));

/** What the preload flag does. */
const watch = module.registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    const folder = folders.find((root) => resolved.url.startsWith(`${pathToFileURL(root).href}/`));
    if (folder) patchEsModule(FRAMEWORK, join(folder, 'node_modules', 'esm-framework'), resolved.url);
    return resolved;
  },
});

beforeEach(() => void calls.splice(0));

afterAll(() => {
  watch.deregister();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test('a class is patched that is exported by another name, and lines stay where they are', async () => {
  const { Bot } = await load(framework(SOURCE));
  expect(new Bot().handle('update')).toBe('update');
  expect(calls).toEqual(['update']);
  expect(new Bot().where()).toMatch(/lib\/bot\.mjs:2:31\)/);
  expect(backend.current.frameworks).toEqual([{ name: 'esm', version: '1.2.3', supported: true }]);
  expect(backend.current.errors).toEqual([]);
});

test('each module that a query or a fragment makes of one file is patched', async () => {
  const folder = framework(SOURCE);
  const [plain, ...others] = await Promise.all(
    ['', '?v=1', '?v=/lib/2', '#3'].map((end) => load(folder, `bot.mjs${end}`)),
  );
  for (const { Bot } of others) {
    expect(Bot).not.toBe(plain?.Bot);
    new Bot().handle('update');
  }
  expect(calls).toEqual(['update', 'update', 'update']);
  expect(backend.current.errors).toEqual([]);
});

const ENDINGS = {
  'a comment': '// no newline after this',
  'the address of a source map': '//# sourceMappingURL=bot.mjs.map',
  'an open statement': 'export const last = 1',
  'a line break': '\n\n',
};

test.for(Object.entries(ENDINGS))('a source that ends with %s runs', async ([, ending]) => {
  const { Bot } = await load(framework(`${SOURCE}\n${ending}`));
  expect(new Bot().handle('update')).toBe('update');
  expect(calls).toEqual(['update']);
});

test('a module that can not hand over, for names of its own, runs as ever; that it is not patched is counted', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const own = 'const Symbol = 1, globalThis = 2; export { Symbol, globalThis };';
  const { Bot } = await load(framework(`${SOURCE}\n${own}`));
  expect(new Bot().handle('update')).toBe('update');
  await load(framework(SOURCE));
  expect(calls).toEqual([]);
  expect(backend.current.errors).toEqual([]);
  vi.advanceTimersByTime(10_000);
  expect(backend.current.errors).toMatchObject([
    { source: 'esm-framework', error: { message: expect.stringMatching(/bot\.mjs was loaded and is not patched/) } },
  ]);
});

test('it is required as well as imported, and loaded once', async () => {
  const folder = framework(SOURCE);
  const { Bot } = createRequire(import.meta.url)(join(folder, 'lib', 'index.mjs')) as Exports;
  new Bot().handle('update');
  expect(calls).toEqual(['update']);
  expect((await load(folder)).Bot).toBe(Bot);
});

test('a class that is not there is counted, and the module runs', async () => {
  const { Bot } = await load(framework('export class Bot { handle(update) { return update; } }'));
  expect(new Bot().handle('update')).toBe('update');
  expect(backend.current.errors).toMatchObject([
    { source: 'esm-framework', error: { message: 'lib/bot.mjs declares no LocalBot' } },
  ]);
});

test('what the module throws, and a syntax error of it, is what comes out', async () => {
  await expect(load(framework('export const Bot = 1; throw new RangeError("own");'))).rejects.toThrow(RangeError);
  await expect(load(framework('export const Bot = ;'))).rejects.toThrow(SyntaxError);
  await expect(load(framework('export class Other {}'))).rejects.toThrow(/does not provide an export named 'Bot'/);
});

test('an unsupported version is left alone, and that is said', async () => {
  const { Bot } = await load(framework(SOURCE, '2.0.0'));
  new Bot().handle('update');
  expect(calls).toEqual([]);
  expect(backend.current.frameworks).toEqual([{ name: 'esm', version: '2.0.0', supported: false }]);
});

test('other modules are loaded as ever, also where a file was only looked for', async () => {
  const folder = framework(SOURCE);
  createRequire(import.meta.url).resolve(join(folder, 'lib', 'bot.mjs'));
  patchEsModule(FRAMEWORK, folder, url(folder, 'bot.mjs'));
  await new Promise(setImmediate);
  const other = await import(/* @vite-ignore */ url(folder, 'other.cjs'));
  expect(other.cached).toBe(true);
  new (await load(folder)).Bot().handle('update');
  expect(calls).toEqual(['update']);
});
