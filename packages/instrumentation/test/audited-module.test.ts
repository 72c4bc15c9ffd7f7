import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { type AuditedModule, patchBundle, patchLoadedFiles, patchModule } from '../src/audited-module.js';
import { AuditInstrumentation } from '../src/otel.js';
import { patchMethod } from '../src/patch-method.js';
import { VERSION } from '../src/version.js';
import { useBackend } from './fixture.js';

const backend = useBackend();
const folders: string[] = [];
const calls: unknown[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A framework on disk, its class in a file of its own, as grammY's is. */
function framework(version: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-test-'));
  folders.push(folder);
  const lib = join(folder, 'node_modules', 'some-framework', 'lib');
  mkdirSync(lib, { recursive: true });
  const manifest = { name: 'some-framework', version, main: 'lib/main.js' };
  writeFileSync(join(lib, '..', 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(lib, 'main.js'), "exports.Bot = require('./bot.js').Bot;");
  writeFileSync(join(lib, 'bot.js'), 'exports.Bot = class Bot { handle(update) { return update; } };');
  return folder;
}

const SOME_FRAMEWORK: AuditedModule = {
  module: 'some-framework',
  framework: 'some',
  supported: { from: '1.0.0', below: '2.0.0' },
  files: ['lib/bot.js'],
  patch: (exports) => {
    const { Bot } = exports as { Bot?: { prototype: object } };
    if (!Bot) throw new Error('too early');
    patchMethod(Bot.prototype, 'handle', (original) => {
      return function (this: unknown, ...args) {
        calls.push(args[0]);
        return Reflect.apply(original, this, args);
      };
    });
  },
};

class SomeInstrumentation extends AuditInstrumentation {
  constructor() {
    super('some-instrumentation', VERSION, {});
  }
  protected override modules(): readonly AuditedModule[] {
    return [SOME_FRAMEWORK];
  }
}

const instrumentation = new SomeInstrumentation();

function load(folder: string): { Bot: new () => { handle(update: unknown): unknown } } {
  return createRequire(join(folder, 'bot.js'))('some-framework');
}

test('each copy of a framework is hooked, its patches stay, and it is announced once', () => {
  const copies = [framework('1.2.3'), framework('1.2.3')].map(load);
  instrumentation.disable();
  for (const { Bot } of copies) expect(new Bot().handle('update')).toBe('update');
  expect(calls).toEqual(['update', 'update']);
  expect(copies[0]?.Bot).not.toBe(copies[1]?.Bot);
  expect(backend.current.frameworks).toEqual([{ name: 'some', version: '1.2.3', supported: true }]);
  instrumentation.enable();
});

test('an unsupported version is announced once and left alone', () => {
  calls.length = 0;
  for (const { Bot } of [framework('2.0.0-beta.1'), framework('2.0.0-beta.1')].map(load)) new Bot().handle('update');
  expect(calls).toEqual([]);
  expect(backend.current.frameworks).toEqual([{ name: 'some', version: '2.0.0-beta.1', supported: false }]);
});

test('files that were loaded before anybody looked are patched where they are', () => {
  instrumentation.disable();
  const folder = framework('1.9.9');
  const { Bot } = load(folder);
  calls.length = 0;
  new Bot().handle('before');
  const { cache } = createRequire(import.meta.url);
  const home = join(folder, 'node_modules', 'some-framework');
  for (let i = 0; i < 2; i++) patchLoadedFiles(SOME_FRAMEWORK, home, cache);
  new Bot().handle('after');
  expect(calls).toEqual(['after']);
  expect(backend.current.frameworks).toEqual([{ name: 'some', version: '1.9.9', supported: true }]);
});

test('a bundle is loaded and patched when it is asked for, and whoever asks gets what it throws', () => {
  instrumentation.disable();
  const folder = join(framework('1.8.8'), 'node_modules', 'some-framework');
  const require = createRequire(import.meta.url);
  const bundled = { ...SOME_FRAMEWORK, bundles: ['lib/bot.js', 'lib/broken.js'] };
  const ask = (file: string) => patchBundle(bundled, folder, pathToFileURL(join(folder, file)).href, require);
  writeFileSync(join(folder, 'lib', 'broken.js'), 'throw new RangeError("theirs");');
  for (const file of ['lib/main.js', 'lib/broken.js', 'lib/bot.js', 'lib/bot.js']) ask(file);
  expect(require.cache[join(folder, 'lib', 'main.js')]).toBeUndefined();
  calls.length = 0;
  new (require(join(folder, 'lib', 'bot.js')).Bot)().handle('bundled');
  expect(calls).toEqual(['bundled']);
  expect(() => require(join(folder, 'lib', 'broken.js'))).toThrow('theirs');
  expect(backend.current.errors).toEqual([]);
  instrumentation.enable();
});

test('exports of an unknown version, as in a bundle, are patched', () => {
  calls.length = 0;
  class Bot {
    handle(update: unknown): unknown {
      return update;
    }
  }
  patchModule(SOME_FRAMEWORK, { Bot }, undefined);
  patchModule(SOME_FRAMEWORK, { Bot }, undefined);
  patchModule(SOME_FRAMEWORK, 'no exports', undefined);
  new Bot().handle('bundled');
  expect(calls).toEqual(['bundled']);
});

test('an error while patching is counted, never thrown into the application', () => {
  patchModule(SOME_FRAMEWORK, {}, undefined);
  expect(backend.current.errors).toMatchObject([{ source: 'some-framework', error: { message: 'too early' } }]);
});

test("the package's version is the one that spans and scopes name", () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(VERSION).toBe(manifest.version);
});
