import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePseudonymKeys, readDecryptionKeys, readRecipient } from '@botaudit/sdk/protection';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { botaudit, type Ended, linesOf } from './support/botaudit.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'botaudit-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const keys = (...args: string[]): Promise<Ended> => botaudit(['keys', ...args], { cwd: folder });
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const modeOf = (name: string) => (statSync(join(folder, name)).mode & 0o777).toString(8);

/** Everything in key files that nobody may see. */
function secrets(): string[] {
  return readdirSync(folder).flatMap((name) => {
    const text = read(name);
    return [...text.matchAll(/"d": "([\w-]+)"|^[a-z0-9-]+:([\w-]{43})$|^([A-Za-z0-9+/=]{64})$/gm)].flatMap(
      ([, ...found]) => (text.includes('PUBLIC KEY') ? [] : found.filter((each) => each !== undefined)),
    );
  });
}

function expectNothingShown(...runs: Ended[]): void {
  for (const { stdout, stderr } of runs) for (const secret of secrets()) expect(stdout + stderr).not.toContain(secret);
}

describe('keys new', () => {
  test.each(['signing', 'encryption', 'pseudonym'])('%s: says which file can not be written', async (kind) => {
    const { code, stdout, stderr } = await keys('new', kind, '--out', 'no-such-folder/a.key');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^botaudit: \S*no-such-folder\/a\.key can't be written \(ENOENT\)\n$/);
  });

  test.each([
    ['signing', 'signing.key', 'signing.pub'],
    ['encryption', 'encryption.key', 'encryption.pub'],
    ['pseudonym', 'pseudonym.key', undefined],
  ])(
    '%s: the private key is for its owner alone, is not printed, and no file is replaced',
    async (kind, file, publicFile) => {
      const made = await keys('new', kind);
      expect(made).toMatchObject({ code: 0, stderr: '' });
      expect(modeOf(file)).toBe('600');
      if (publicFile) expect(modeOf(publicFile)).toBe('644');
      expect(readdirSync(folder).sort()).toEqual([file, publicFile].filter((name) => name !== undefined).sort());
      const before = read(file);
      const again = await keys('new', kind);
      expect(again.code).toBe(2);
      expect(again.stderr).toContain(`${file} is there already, and is left as it is; botaudit keys rotate`);
      expect(read(file)).toBe(before);
      expectNothingShown(made, again);
    },
  );

  test('encryption: the curve and the day that are asked for, readable as the configuration reads them', async () => {
    const { stdout } = await keys(
      'new',
      'encryption',
      '--curve',
      'P-256',
      '--expires',
      '2999-01-01',
      '--out',
      'a.jwk',
      '--json',
    );
    const { id, file, public_file } = JSON.parse(stdout);
    const recipient = readRecipient(readFileSync(public_file, 'utf8'));
    expect(recipient).toMatchObject({ kid: id, curve: 'P-256', expires: new Date('2999-01-01') });
    expect(readDecryptionKeys(readFileSync(file, 'utf8'))[0]?.kid).toBe(id);
    expect(public_file).toBe(join(folder, 'a.pub'));
  });

  test('what makes no sense is wrong usage', async () => {
    for (const [args, message] of [
      [['new', 'rsa'], 'Allowed choices are signing, pseudonym, encryption'],
      [['new', 'signing', '--name', 'x'], '--name is of keys for pseudonyms alone'],
      [['new', 'pseudonym', '--curve', 'P-256'], '--curve and --expires are of keys for encryption alone'],
      [['new', 'pseudonym', '--name', 'A B'], 'up to 32 lower-case letters'],
      [['new', 'encryption', '--expires', '2027-02-31'], 'Allowed is a date'],
    ] as const) {
      const { code, stderr } = await keys(...args);
      expect(stderr).toContain(message);
      expect(code).toBe(2);
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('keys rotate', () => {
  test('pseudonym: the new key is the first, and the former stays', async () => {
    await keys('new', 'pseudonym', '--name', 'old');
    const before = read('pseudonym.key');
    const rotated = await keys('rotate', 'pseudonym', 'pseudonym.key', '--name', 'new');
    expect(rotated).toMatchObject({ code: 0, stderr: '' });
    expect(parsePseudonymKeys(read('pseudonym.key')).map(({ name }) => name)).toEqual(['new', 'old']);
    expect(read('pseudonym.key').endsWith(before)).toBe(true);
    expect(modeOf('pseudonym.key')).toBe('600');
    expect((await keys('rotate', 'pseudonym', 'pseudonym.key', '--name', 'old')).stderr).toContain(
      'holds a key of the name old already',
    );
    expect((await keys('rotate', 'pseudonym', 'pseudonym.key')).code).toBe(0);
    expect((await keys('rotate', 'pseudonym', 'pseudonym.key')).code).toBe(0);
    expectNothingShown(rotated);
  });

  test('encryption: bots get the new public key, and the auditor decrypts with both', async () => {
    const { stdout } = await keys('new', 'encryption', '--json');
    const rotated = await keys('rotate', 'encryption', 'encryption.key', '--json');
    const { id, former_id } = JSON.parse(rotated.stdout);
    expect(former_id).toBe(JSON.parse(stdout).id);
    expect(readDecryptionKeys(read('encryption.key')).map(({ kid }) => kid)).toEqual([id, former_id]);
    expect(readRecipient(read('encryption.pub')).kid).toBe(id);
    expectNothingShown(rotated);
  });

  test('signing: the former pair is kept beside the new one', async () => {
    await keys('new', 'signing');
    const [privateText, publicText] = [read('signing.key'), read('signing.pub')];
    const { stdout, code } = await keys('rotate', 'signing', 'signing.key', '--json');
    expect(code).toBe(0);
    const { former_files } = JSON.parse(stdout);
    expect(former_files.map((file: string) => readFileSync(file, 'utf8'))).toEqual([privateText, publicText]);
    expect((statSync(former_files[0]).mode & 0o777).toString(8)).toBe('600');
    expect(read('signing.pub')).not.toBe(publicText);
  });

  test('a file of another kind is left as it is', async () => {
    await keys('new', 'pseudonym');
    for (const kind of ['signing', 'encryption']) {
      const { code, stderr } = await keys('rotate', kind, 'pseudonym.key');
      expect(code).toBe(2);
      expect(linesOf(stderr)).toHaveLength(1);
    }
    expect((await keys('rotate', 'signing', 'nowhere')).stderr).toContain("can't be read (ENOENT)");
    expect(parsePseudonymKeys(read('pseudonym.key'))).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['pseudonym.key']);
  });
});

describe('keys list', () => {
  test('tells what keys are called, those of files and those of the configuration, and shows none', async () => {
    const ids = [];
    for (const kind of ['signing', 'pseudonym', 'encryption']) {
      ids.push(JSON.parse((await keys('new', kind, '--json')).stdout).id);
    }
    writeFileSync(
      join(folder, 'botaudit.yaml'),
      'signing: { key_file: signing.key }\nprotection: { pseudonym: { key_file: pseudonym.key }, encrypt: { recipients: encryption.pub } }\n',
    );
    const configured = await keys('list', '--json');
    expect(configured).toMatchObject({ code: 0, stderr: '' });
    const found = linesOf(configured.stdout).map((line) => JSON.parse(line));
    expect(found.map(({ kind, id, part }) => [kind, id, part])).toEqual([
      ['signing', ids[0], 'private'],
      ['pseudonym', ids[1], 'secret'],
      ['encryption', ids[2], 'public'],
    ]);
    const named = await keys('list', 'encryption.key', 'encryption.pub');
    expect(linesOf(named.stdout)).toHaveLength(2);
    expect(named.stdout).toMatch(new RegExp(`encryption +${ids[2]} +private`));
    expectNothingShown(configured, named);
  });

  test('ends with 1 where a private key may be read by others, or a public one has expired', async () => {
    await keys('new', 'pseudonym');
    chmodSync(join(folder, 'pseudonym.key'), 0o640);
    const open = await keys('list', 'pseudonym.key');
    expect(open.code).toBe(1);
    expect(open.stdout).toContain('others than its owner may read it');
    await keys('new', 'encryption', '--expires', '2020-01-01');
    const expired = await keys('list', 'encryption.pub');
    expect(expired.code).toBe(1);
    expect(expired.stdout).toContain('expired on 2020-01-01');
  });

  test('what is no key is told, and nothing of it is shown', async () => {
    writeFileSync(join(folder, 'x'), 'something else');
    const { code, stderr } = await keys('list', 'x');
    expect(code).toBe(2);
    expect(stderr).toContain('holds no key that botaudit knows');
    expect(stderr).not.toContain('something else');
    expect((await keys('list')).code).toBe(1);
  });
});
