import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackend } from '@botaudit/sdk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { botaudit, linesOf } from './support/botaudit.js';

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'botaudit-decrypt-'));
  await botaudit(['keys', 'new', 'encryption', '--out', 'auditor.key'], { cwd: folder });
  await botaudit(['keys', 'new', 'encryption', '--out', 'other.key', '--curve', 'P-256'], { cwd: folder });
  await botaudit(['keys', 'new', 'pseudonym'], { cwd: folder });
  configure('auditor.pub');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function configure(recipients: string): void {
  writeFileSync(
    join(folder, 'botaudit.yaml'),
    `protection:\n  pseudonym: { key_file: pseudonym.key }\n  encrypt: { recipients: ${recipients} }\n  fields:\n` +
      '    audit.actor.id: pseudonym\n    audit.target.id: pseudonym\n    bot.chat.id: pseudonym\n    audit.reason: encrypt\n    body.text: encrypt\n',
  );
}

/** A bot's run in the folder. @returns ids of its records. */
async function run(...events: { actor?: string; text?: string; chat?: string }[]): Promise<string[]> {
  const backend = startBackend({ env: { BOTAUDIT_METRICS: 'off' }, cwd: folder, say: () => {} });
  const ids = events.map(({ actor = 'telegram:42', text, chat }) =>
    backend.write({
      name: 'bot.message.send',
      action: 'SEND',
      outcome: 'success',
      actor: { id: actor, type: 'user' },
      reason: text && `why ${text}`,
      attributes: { 'bot.platform': 'telegram', 'bot.chat.id': chat },
      body: text === undefined ? { n: 1 } : { text: { said: text }, n: 1 },
    }),
  );
  await backend.shutdown();
  return ids as string[];
}

const cli = (...args: string[]) => botaudit(args, { cwd: folder });
/** What records say, as `decrypt` prints them. */
const texts = (stdout: string) =>
  linesOf(stdout).map((line) => /"key":"said","value":\{"stringValue":"(.*?)"/.exec(line)?.[1]);

describe('decrypt', () => {
  test('prints the records of the journal that hold anything encrypted, with what it says', async () => {
    await run({ text: 'first' }, {}, { text: 'second' });
    const { code, stdout, stderr } = await cli('decrypt', '--key', 'auditor.key');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(texts(stdout)).toEqual(['first', 'second']);
    expect(stdout).toContain('"audit.reason":{"stringValue":"why first"}');
    expect((await cli('verify')).code).toBe(0);
  });

  test('takes one record by its id, and records from standard input, which come through all', async () => {
    const [id = '', plain = ''] = await run({ text: 'first' }, {});
    expect(texts((await cli('decrypt', id.slice(0, 13), '--key', 'auditor.key')).stdout)).toEqual(['first']);
    const { stdout } = await cli('search', '--event', 'bot.*', '--json');
    const piped = await botaudit(['decrypt', '-', '--key', 'auditor.key'], {
      cwd: folder,
      input: `${stdout}\nno record\n`,
    });
    expect(texts(piped.stdout)).toEqual(['first', undefined]);
    expect(piped.stdout).toContain(plain);
    expect(piped.stderr).toContain('one line is no record');
    writeFileSync(join(folder, 'export.ndjson'), stdout);
    expect(texts((await cli('decrypt', 'export.ndjson', '--key', 'auditor.key')).stdout)).toEqual(['first', undefined]);
  });

  test('each of several auditors decrypts with his own key', async () => {
    configure('[auditor.pub, other.pub]');
    await run({ text: 'for both' });
    for (const key of ['auditor.key', 'other.key']) {
      expect(texts((await cli('decrypt', '--key', key)).stdout)).toEqual(['for both']);
    }
  });

  test('after a rotation the one file of keys decrypts old and new', async () => {
    await run({ text: 'before' });
    await cli('keys', 'rotate', 'encryption', 'auditor.key');
    await run({ text: 'after' });
    expect(texts((await cli('decrypt', '--key', 'auditor.key')).stdout)).toEqual(['before', 'after']);
  });

  test('says what could not be decrypted, and ends with 1', async () => {
    await run({ text: 'secret' });
    const foreign = await cli('decrypt', '--key', 'other.key');
    expect(foreign).toMatchObject({ code: 1, stdout: '' });
    const { kid } = JSON.parse(readFileSync(join(folder, 'auditor.pub'), 'utf8'));
    expect(foreign.stderr).toContain(`2 values are encrypted to other keys: ${kid}`);
    const { stdout } = await cli('search', '--event', 'bot.*', '--json');
    const changed = stdout.replace(
      /(eyJ[\w-]+\.\.[\w-]+\.)(.)/,
      (_, head, first) => head + (first === 'A' ? 'B' : 'A'),
    );
    const broken = await botaudit(['decrypt', '-', '--key', 'auditor.key'], { cwd: folder, input: changed });
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain("one value is encrypted to a given key, and can't be decrypted: changed since");
    const nothing = await botaudit(['decrypt', '-', '--key', 'auditor.key'], { cwd: folder, input: '' });
    expect(nothing).toMatchObject({ code: 1, stderr: 'botaudit: nothing there is encrypted\n' });
  });

  test('refuses what is no private key, and warns of one that others may read', async () => {
    await run({ text: 'secret' });
    for (const [file, message] of [
      ['auditor.pub', 'auditor.pub holds a public key; the private one decrypts'],
      ['pseudonym.key', 'pseudonym.key is no private key'],
      ['nowhere', "nowhere can't be read (ENOENT)"],
    ] as const) {
      const { code, stderr } = await cli('decrypt', '--key', file);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
    }
    expect((await cli('decrypt')).stderr).toContain("required option '--key <file>' not specified");
    chmodSync(join(folder, 'auditor.key'), 0o644);
    expect((await cli('decrypt', '--key', 'auditor.key')).stderr).toContain('may be read by others than its owner');
  });
});

describe('search by real ids finds pseudonyms', () => {
  const count = async (...args: string[]) =>
    linesOf((await cli('search', '--json', '--event', 'bot.*', ...args)).stdout).length;

  test('by the configured key, or by one that is given, with and without a namespace; and by former keys', async () => {
    await run({ actor: 'telegram:42', chat: '-100' }, { actor: 'telegram:43', chat: '-200' });
    expect(await count('--actor', 'telegram:42')).toBe(1);
    expect(await count('--actor', '42')).toBe(1);
    expect(await count('--actor', 'telegram:44')).toBe(0);
    expect(await count('--chat', 'telegram:-200')).toBe(1);
    expect(await count('--chat', '-200')).toBe(1);
    await cli('keys', 'rotate', 'pseudonym', 'pseudonym.key', '--name', 'next');
    await run({ actor: 'telegram:42' });
    expect(await count('--actor', 'telegram:42')).toBe(2);
    rmSync(join(folder, 'botaudit.yaml'));
    expect(await count('--actor', 'telegram:42')).toBe(0);
    expect(await count('--actor', 'telegram:42', '--pseudonym-key', 'pseudonym.key')).toBe(2);
    expect(await count('--actor', 'telegram:~next.*')).toBe(1);
  });

  test('not without the key; that is said, and a wrong one is refused', async () => {
    await run({});
    rmSync(join(folder, 'pseudonym.key'));
    const missing = await cli('search', '--actor', 'telegram:42');
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('pseudonyms are not looked for');
    const wrong = await cli('search', '--actor', 'telegram:42', '--pseudonym-key', 'auditor.pub');
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('auditor.pub key 1 is a key of another kind'),
    });
  });
});
