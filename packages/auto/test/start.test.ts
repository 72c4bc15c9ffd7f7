import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { FRAMEWORK_NAMES } from '../src/known-modules.js';
import { fixture, makeScene, REGISTER, records, STORY, start, story, temporaryFolder } from './child.js';

const require = createRequire(import.meta.url);

test.each([['bot.mjs'], ['bot.cjs']])('%s does not start with a wrong configuration', async (bot) => {
  const scene = await makeScene();
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'botaudit.yaml'), 'journal:\n  max_bites: 1 GiB\n');
  const child = start({ args: ['--import', REGISTER, fixture(bot)], env: scene.env, cwd });
  const { code, stdout, stderr } = await child.ended;
  expect(code).toBe(78);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/botaudit\.yaml:2: journal\.max_bites/);
  expect(stderr).toContain('BOTAUDIT_ON_ERROR=continue');
  expect(stderr).not.toMatch(/^ +at /m);
  expect(scene.telegram.calls).toEqual([]);
  expect(existsSync(scene.directory)).toBe(false);
});

test('a wrong configuration is gone on with when that is asked for', async () => {
  const scene = await makeScene();
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'botaudit.yaml'), 'journal:\n  max_bites: 1 GiB\n');
  const env = { ...scene.env, BOTAUDIT_ON_ERROR: 'continue' };
  const child = start({ args: ['--import', REGISTER, fixture('bot.mjs')], env, cwd });
  await scene.play();
  const { code, stderr } = await child.ended;
  expect(code).toBe(0);
  expect(stderr).toMatch(/botaudit\.yaml:2: journal\.max_bites/);
  expect(story(records(scene.directory))).toEqual(STORY);
});

test('switched off, it says so and records nothing', async () => {
  const scene = await makeScene();
  const env = { ...scene.env, BOTAUDIT_DISABLED: '1' };
  const child = start({ args: ['--import', REGISTER, fixture('bot.cjs')], env });
  await scene.play();
  const { code, stderr } = await child.ended;
  expect(code).toBe(0);
  expect(stderr).toBe('botaudit: auditing is switched off by BOTAUDIT_DISABLED, nothing is recorded\n');
  expect(existsSync(scene.directory)).toBe(false);
});

test('tools that start other programs say nothing and leave nothing', async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ scripts: { hello: 'node -p 1+1' } }));
  const env = { NODE_OPTIONS: `--import=${REGISTER}` };
  const found = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'npm'));
  const npm = realpathSync(found.find((path) => existsSync(path)) ?? 'npm');
  const child = start({ args: [npm, 'run', '--silent', 'hello'], env, cwd });
  const { code, stdout, stderr } = await child.ended;
  expect([code, stdout, stderr]).toEqual([0, '2\n', '']);
  expect(readdirSync(cwd)).toEqual(['package.json']);
});

test('an application without a supported framework is told that nothing is audited, one that has ended before is not', async () => {
  const cwd = temporaryFolder();
  const preload = join(REGISTER, '..', 'preload.js');
  writeFileSync(join(cwd, 'impatient.mjs'), `import { preload } from ${JSON.stringify(preload)}; preload(100);`);
  writeFileSync(join(cwd, 'app.mjs'), 'setTimeout(() => {}, Number(process.argv[2]));');
  const env = { BOTAUDIT_DIR: join(cwd, 'journal'), BOTAUDIT_METRICS: 'off' };
  const run = (lifetime: string) =>
    start({ args: ['--import', join(cwd, 'impatient.mjs'), join(cwd, 'app.mjs'), lifetime], env, cwd });
  await run('60000').says(`no supported framework (${FRAMEWORK_NAMES}) was loaded within 0.1 s, NOTHING IS AUDITED`);
  expect(await run('0').ended).toEqual({ code: 0, stdout: '', stderr: '' });
  // It runs by now: a wrong configuration is said, and no reason to end it.
  writeFileSync(join(cwd, 'botaudit.yaml'), 'nonsense: 1\n');
  const ended = await run('500').ended;
  expect(ended.code).toBe(0);
  expect(ended.stderr).toMatch(/NOTHING IS AUDITED: The configuration is wrong\.\n.*botaudit\.yaml:1: nonsense/);
});

test('an application that only records events of its own is served too', async () => {
  const cwd = temporaryFolder();
  const directory = join(cwd, 'journal');
  mkdirSync(join(cwd, 'node_modules', '@botaudit'), { recursive: true });
  symlinkSync(dirname(require.resolve('@botaudit/api/package.json')), join(cwd, 'node_modules', '@botaudit', 'api'));
  writeFileSync(
    join(cwd, 'app.mjs'),
    `import { record } from '@botaudit/api';
     record({ name: 'payment.transfer', action: 'TRANSFER', outcome: 'success' });`,
  );
  const env = { BOTAUDIT_DIR: directory, BOTAUDIT_METRICS: 'off' };
  const { code } = await start({ args: ['--import', REGISTER, join(cwd, 'app.mjs')], env }).ended;
  expect(code).toBe(0);
  expect(records(directory).map(({ EventName }) => EventName)).toContain('payment.transfer');
});

test('a bot that is bundled into one file is audited by what it calls itself', async () => {
  const scene = await makeScene();
  const outfile = join(temporaryFolder(), 'bot.cjs');
  const auto = join(REGISTER, '..', 'index.js');
  const alias = { '@botaudit/auto': auto };
  await build({
    entryPoints: [fixture('bundled.mjs')],
    outfile,
    bundle: true,
    platform: 'node',
    external: [auto],
    alias,
    logLevel: 'silent',
  });
  const child = start({ args: [outfile], env: scene.env });
  await scene.play();
  const { code, stdout } = await child.ended;
  expect([code, stdout]).toEqual([0, '']);
  expect(story(records(scene.directory))).toEqual(STORY);
});
