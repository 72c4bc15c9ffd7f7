import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { fixture, REGISTER, runToEnd } from './support/bot-run.ts';
import { expectConnected, gist } from './support/comparison.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';

const TEMPLATE = fileURLToPath(new URL('../../docs/instrumentation-template/audit-echo.js', import.meta.url));
const GUIDE = fileURLToPath(new URL('../../docs/write-an-instrumentation.md', import.meta.url));

/** A project elsewhere, with the framework in some version, the template, and what the template needs. */
async function project(version: string): Promise<string> {
  const folder = await temporaryFolder();
  const modules = join(folder, 'node_modules');
  const framework = join(modules, 'echo-framework');
  await mkdir(framework, { recursive: true });
  await copyFile(fixture('echo/framework.cjs'), join(framework, 'index.cjs'));
  await writeFile(
    join(framework, 'package.json'),
    JSON.stringify({ name: 'echo-framework', version, main: 'index.cjs' }),
  );
  await mkdir(join(modules, '@botaudit'));
  const installed = dirname(dirname(fileURLToPath(import.meta.resolve('@botaudit/api'))));
  await symlink(join(installed, '..', 'instrumentation'), join(modules, '@botaudit', 'instrumentation'));
  await copyFile(TEMPLATE, join(folder, 'audit-echo.mjs'));
  for (const bot of ['bot.mjs', 'bot.cjs']) await copyFile(fixture(`echo/${bot}`), join(folder, bot));
  return folder;
}

const run = (folder: string, bot: string, flags: readonly string[]) =>
  runToEnd(join(folder, bot), { cwd: folder, nodeOptions: flags.flatMap((flag) => ['--import', flag]) });

test.for(['bot.mjs', 'bot.cjs'])('%s of a framework from elsewhere is audited by the template', async (bot) => {
  const folder = await project('1.2.3');
  const plain = await run(folder, bot, []);
  const audited = await run(folder, bot, [REGISTER, './audit-echo.mjs']);
  expect([audited.exit, audited.stdout]).toEqual([plain.exit, plain.stdout]);
  expect(plain.stdout).toBe('caught say is not allowed there of 4\ndone\n');

  const records = await readRecords(audited.directory);
  expectChained(records);
  expectConnected(records);
  expect(gist(records).map((line) => line.replace(/service:\S+/, 'service'))).toEqual([
    'bot.started START service → echo:7 success',
    'bot.command EXECUTE echo:42 → echo:2 success',
    'bot.member.ban (attempt) BAN echo:42 → echo:43 unknown because of bot.command 2',
    'bot.member.ban (outcome) BAN echo:42 → echo:43 success because of bot.command 2',
    'bot.message.send SEND echo:42 → echo:lobby success because of bot.command 2',
    'bot.message SEND echo:43 → echo:3 success',
    'bot.api.call EXECUTE echo:43 →  success because of bot.message 3',
    'bot.command EXECUTE echo:43 → echo:4 success',
    'bot.message.send SEND echo:43 → echo:closed failure because of bot.command 4',
    'bot.handler.error EXECUTE echo:43 → echo:4 failure because of bot.command 4',
    'bot.stopped STOP service → echo:7 success',
  ]);
  expect(records.map(({ line }) => line).filter((line) => line.includes('a secret'))).toEqual([]);
});

test('a version that the template does not know is left alone, and said', async () => {
  const audited = await run(await project('2.0.0'), 'bot.mjs', [REGISTER, './audit-echo.mjs']);
  expect(audited.exit.code).toBe(0);
  expect(audited.stderr).toMatch(/echo-framework 2\.0\.0/);
  const records = await readRecords(audited.directory);
  expect(ofEvent(records, 'bot.command')).toEqual([]);
});

test('the guide shows the template as it is, in less than a hundred lines', async () => {
  const template = await readFile(TEMPLATE, 'utf8');
  expect(template.split('\n').length).toBeLessThan(100);
  expect(await readFile(GUIDE, 'utf8')).toContain(`\`\`\`js\n${template}\`\`\`\n`);
});
