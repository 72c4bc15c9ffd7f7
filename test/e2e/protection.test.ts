import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decrypt,
  Pseudonyms,
  parsePseudonymKeys,
  pseudonymKeyLine,
  readDecryptionKeys,
} from '@botaudit/sdk/protection';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { BotRun, fixture } from './support/bot-run.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

test('a bot whose people have pseudonyms leaves no id of theirs, and who has the keys finds and reads all', async () => {
  const cwd = await temporaryFolder();
  const auditor = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const line = pseudonymKeyLine('e2e', randomBytes(32));
  await writeFile(join(cwd, 'pseudonym.key'), line, { mode: 0o600 });
  await writeFile(join(cwd, 'auditor.pem'), auditor.publicKey.export({ format: 'pem', type: 'spki' }));
  await writeFile(
    join(cwd, 'botaudit.yaml'),
    'protection:\n  detect: [email]\n  pseudonym: { key_file: pseudonym.key }\n  encrypt: { recipients: [auditor.pem] }\n' +
      '  fields: { audit.actor.id: pseudonym, audit.target.id: pseudonym, bot.chat.id: pseudonym }\n' +
      'policy:\n  rules:\n    - event: bot.member.ban\n      fields: { error.message: mask, bot.command.name: drop }\n' +
      '    - event: bot.command\n      fields: { bot.command.name: encrypt }\n',
  );
  const telegram = await startTelegram();
  const account = telegram.addBot({ firstUpdateId: 100 });
  const alice = telegram.addUser({ name: 'Alice' });
  const mallory = telegram.addUser({ name: 'Mallory' });
  const group = telegram.addGroup({ owner: alice, admins: [account], members: [mallory] });
  const run = await BotRun.start(fixture('moderator.mjs'), { telegram, bot: account, cwd });
  await run.while(telegram.awaitPolling(account));
  alice.says(group, '/ban', { replyTo: mallory.says(group, 'spam') });
  await run.while(group.awaitMessage(({ text }) => text === 'Banned'));
  await run.while(telegram.awaitPolling(account));
  expect(await run.end()).toEqual({ code: 0, signal: null });

  const records = await readRecords(run.directory);
  expectChained(records);
  const journal = records.map(({ line: text }) => text).join('\n');
  for (const id of [alice.user.id, mallory.user.id, group.id]) expect(journal).not.toContain(String(id));
  const pseudonyms = new Pseudonyms(parsePseudonymKeys(line));
  const command = ofEvent(records, 'bot.command')[0];
  const bans = ofEvent(records, 'bot.member.ban');
  expect(bans).toHaveLength(2);
  for (const { attributes } of bans) {
    expect(attributes).toMatchObject({
      'audit.actor.id': pseudonyms.of(`telegram:${alice.user.id}`, undefined),
      'audit.target.id': pseudonyms.of(`telegram:${mallory.user.id}`, undefined),
      'bot.chat.id': pseudonyms.of(String(group.id), 'telegram'),
      'bot.id': `telegram:${account.user.id}`,
    });
  }
  expect(command?.attributes['audit.actor.id']).toBe(bans[0]?.attributes['audit.actor.id']);
  const keys = readDecryptionKeys(auditor.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string);
  expect(decrypt(String(command?.attributes['bot.command.name']), keys)).toEqual({ state: 'decrypted', value: '/ban' });
});
