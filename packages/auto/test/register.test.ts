import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { fixture, makeScene, REGISTER, records, STORY, start, story } from './child.js';

const require = createRequire(import.meta.url);
const flag = ['--import', REGISTER];
const tsx = require.resolve('tsx/cli');

const WAYS: Readonly<Record<string, { args: readonly string[]; env?: Readonly<Record<string, string>> }>> = {
  'an ES module': { args: [...flag, fixture('bot.mjs')] },
  'a CommonJS module': { args: [...flag, fixture('bot.cjs')] },
  'TypeScript through tsx': { args: [tsx, fixture('bot.ts')], env: { NODE_OPTIONS: `--import=${REGISTER}` } },
  'tsx as a preload': { args: ['--import', pathToFileURL(require.resolve('tsx')).href, ...flag, fixture('bot.ts')] },
  'a worker thread': { args: [...flag, fixture('worker.mjs')] },
  'registered by code': { args: [fixture('by-code.cjs')] },
  'a child process': { args: [fixture('parent.mjs')], env: { NODE_OPTIONS: `--import=${REGISTER}` } },
};

test.each(Object.entries(WAYS))('a bot is audited as it is: %s', async (_, { args, env = {} }) => {
  const scene = await makeScene();
  const child = start({ args, env: { ...scene.env, ...env } });
  await scene.play();
  const { code, stdout, stderr } = await child.ended;
  expect(stderr).toMatch(
    /^botaudit[^\n]*: records go to [^\n]*\nbotaudit[^\n]*: made a key to sign checkpoints, [^\n]*\n$/,
  );
  expect([code, stdout]).toEqual([0, '']);
  const lines = records(scene.directory);
  expect(story(lines)).toEqual(STORY);
  for (const line of lines.filter(({ EventName }) => EventName === 'bot.command')) {
    expect(line.Attributes['audit.actor.id']?.stringValue).toBe(`telegram:${scene.ada.id}`);
    expect(line.Attributes['bot.id']?.stringValue).toBe(`telegram:${scene.account.id}`);
    expect(line.TraceId).toMatch(/^[0-9a-f]{32}$/);
  }
  expect(JSON.stringify(lines)).not.toContain(scene.account.token.split(':')[1]);
  expect(lines.at(-1)?.EventName).toBe('audit.stream.closed');
});
