import { expect, test } from 'vitest';
import { knownModule } from '../src/known-modules.js';
import { isToolProcess } from '../src/tool-process.js';

test.each([
  '/usr/lib/node_modules/npm/bin/npm-cli.js',
  '/usr/share/nodejs/npm/bin/npx-cli.js',
  '/home/me/app/node_modules/tsx/dist/cli.mjs',
  '/usr/lib/node_modules/pm2/lib/Daemon.js',
  '/home/me/.cache/node/corepack/v1/pnpm/10.1.0/bin/pnpm.cjs',
  '/home/me/app/.yarn/releases/yarn-4.9.0.cjs',
])('%s is a tool', (script) => {
  expect(isToolProcess(script)).toBe(true);
});

test('what a person starts is no tool, and a REPL audits nothing', () => {
  expect(isToolProcess('/home/me/app/bot.js')).toBe(false);
  expect(isToolProcess('/app/dist/index.cjs')).toBe(false);
  expect(isToolProcess(undefined)).toBe(true);
});

test('a framework is known by where it lies, the nearest folder counting', () => {
  const store = 'file:///app/node_modules/.pnpm/grammy@1.46.0/node_modules/grammy/out/mod.js';
  expect(knownModule('grammy', store)).toEqual({
    kind: 'framework',
    framework: 'grammy',
    name: 'grammy',
    folder: '/app/node_modules/.pnpm/grammy@1.46.0/node_modules/grammy',
  });
  expect(knownModule('./run.js', 'file:///a%20b/node_modules/@grammyjs/runner/out/run.js')).toMatchObject({
    folder: '/a b/node_modules/@grammyjs/runner',
  });
  expect(knownModule('@botaudit/api', 'file:///app/packages/api/dist/index.js')).toEqual({ kind: 'api' });
  for (const url of [
    'file:///app/node_modules/grammy-plugin/mod.js',
    'node:fs',
    'https://host/node_modules/grammy/mod.js',
  ]) {
    expect(knownModule('x', url)).toBeUndefined();
  }
});

test('a part that a framework brings along is of its own folder, not of the framework’s', () => {
  const bolt = 'file:///app/node_modules/@slack/bolt';
  expect(knownModule('./App', `${bolt}/dist/App.js`)).toMatchObject({ name: '@slack/bolt', framework: 'slack-bolt' });
  expect(knownModule('./WebClient', `${bolt}/node_modules/@slack/web-api/dist/WebClient.js`)).toMatchObject({
    name: '@slack/web-api',
    folder: '/app/node_modules/@slack/bolt/node_modules/@slack/web-api',
  });
});
