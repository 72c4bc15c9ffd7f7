import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { verifyJournal } from '../support/verify.ts';
import { BotRun, fixture, runToEnd } from './support/bot-run.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

const WATCHED = { BOTAUDIT_POLICY_WATCH_INTERVAL_MS: '50' };

/** Puts a policy of one rule in the place of the one in `folder`, as an editor does. */
async function putPolicy(folder: string, rule: string): Promise<void> {
  const file = join(folder, 'botaudit.yaml');
  await writeFile(`${file}.new`, `policy:\n  rules:\n    - ${rule}\n`);
  await rename(`${file}.new`, file);
}

test('a bot that runs records by the new policy once its file was changed, and by the old one while that is wrong', async () => {
  const telegram = await startTelegram();
  const bot = telegram.addBot();
  const alice = telegram.addUser({ name: 'Alice' });
  const cwd = await temporaryFolder();
  await putPolicy(cwd, '{ event: bot.callback, level: none }');
  const run = await BotRun.start(fixture('moderator.mjs'), { telegram, bot, cwd, env: WATCHED });
  await run.while(telegram.awaitPolling(bot));
  const chat = telegram.addGroup({ owner: alice, admins: [bot] });
  let asked = 0;
  const hello = async () => {
    alice.says(chat, '/hello');
    const wanted = ++asked;
    await run.while(
      eventually('an answer', () => {
        const sent = telegram.log.of().filter(({ method }) => method === 'sendMessage');
        return sent.length >= wanted || undefined;
      }),
    );
    await run.while(telegram.awaitPolling(bot));
  };
  const said = (text: string) => run.while(eventually(text, () => run.stderr.includes(text) || undefined));

  await hello();
  await putPolicy(cwd, '{ event: bot.message.send, level: none }');
  await said('has changed and takes effect: 1 rule');
  await hello();
  await putPolicy(cwd, '{ event: bot.message.send, levl: metadata }');
  await said('THE CONFIGURATION IS WRONG; the policy from before stays in force');
  await hello();
  await putPolicy(cwd, '{ event: bot.message.send, written: attempt-and-outcome }');
  await eventually('the second', () => run.stderr.split('takes effect: 1 rule').length === 3 || undefined);
  await hello();
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

  const records = await readRecords(run.directory);
  expectChained(records);
  const told = records.filter(({ event }) => /^(bot\.message\.send|audit\.(policy|config)\..*)$/.test(event));
  expect(told.map(({ event, attributes }) => `${event} ${attributes['bot.action.stage'] ?? ''}`.trim())).toEqual([
    'audit.policy.loaded',
    'bot.message.send',
    'audit.policy.loaded',
    'audit.config.invalid',
    'audit.policy.loaded',
    'bot.message.send attempt',
    'bot.message.send outcome',
  ]);
  const [first, second, third] = ofEvent(records, 'audit.policy.loaded').map(({ body }) => body);
  expect(second).toMatchObject({ previous_policy_hash: first?.policy_hash });
  expect(ofEvent(records, 'audit.config.invalid')[0]?.body).toMatchObject({ policy_hash: second?.policy_hash });
  expect(third).toMatchObject({ previous_policy_hash: second?.policy_hash });
  expect(ofEvent(records, 'bot.command')).toHaveLength(4);
  expect(await verifyJournal(run.directory)).toMatchObject({ intact: true });
});

test('each thread reloads the policy for itself', async () => {
  const telegram = await startTelegram();
  const [first, second] = [telegram.addBot(), telegram.addBot()];
  const cwd = await temporaryFolder();
  await putPolicy(cwd, '{ event: bot.callback, level: none }');
  const env = { ...WATCHED, FIRST_TOKEN: first.token, SECOND_TOKEN: second.token };
  const run = await BotRun.start(fixture('threads.mjs'), { telegram, cwd, env });
  for (const bot of [first, second]) await run.while(telegram.awaitPolling(bot));
  await putPolicy(cwd, '{ event: bot.callback, written: receipt }');
  await run.while(eventually('both', () => run.stderr.split('has changed and takes effect').length === 3 || undefined));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  const records = await readRecords(run.directory);
  const reloaded = ofEvent(records, 'audit.policy.loaded').filter(({ body }) => body?.previous_policy_hash);
  expect(new Set(reloaded.map(({ stream }) => stream)).size).toBe(2);
});

test('watching the file does not keep a process alive that has nothing left to do', async () => {
  const telegram = await startTelegram();
  const bot = telegram.addBot();
  const group = telegram.addGroup({ admins: [bot] });
  const cwd = await temporaryFolder();
  await putPolicy(cwd, '{ event: bot.callback, level: none }');
  const env = { ...WATCHED, BOTAUDIT_POLICY_WATCH_INTERVAL_MS: '1', CHAT_ID: `${group.id}` };
  const { exit, directory } = await runToEnd(fixture('ends.mjs'), { telegram, bot, cwd, env, args: ['runs out'] });
  expect(exit).toEqual({ code: 0, signal: null });
  expect(ofEvent(await readRecords(directory), 'audit.stream.closed')).toHaveLength(1);
});
