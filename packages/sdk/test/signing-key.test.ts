import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { keyIdOf, publicKeyBytes } from '@botaudit/record';
import { describe, expect, it } from 'vitest';
import { asOrdinaryUser } from '../../../test/support/ordinary-user.ts';
import { ConfigError } from '../src/index.js';
import { checkpointsIn, streamsOf, verifySigned } from './checkpoints-of.js';
import { names, onlyStreamIn, recordsIn } from './journal-of.js';
import { directory, event, said, start } from './running-backend.js';

const pairOf = (type: 'ed25519') => {
  const { privateKey, publicKey } = generateKeyPairSync(type);
  return {
    pem: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }) as string,
  };
};
const own = pairOf('ed25519');

/** Runs a bot to its end; gives what its opening record says of signing. */
async function run(env: Record<string, string> = {}): Promise<unknown> {
  const before = existsSync(join(directory, 'streams')) ? streamsOf(directory) : [];
  const backend = start(env);
  backend.write(event());
  await backend.shutdown();
  const stream = streamsOf(directory).find((each) => !before.includes(each)) as string;
  return recordsIn(join(directory, 'streams', stream))[0]?.body?.signing;
}

function keyFile(content: string): string {
  const path = join(directory, 'configured.pem');
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

const about = (publicKey: string) => ({
  key_id: keyIdOf(publicKey),
  public_key: Buffer.from(publicKeyBytes(publicKey)).toString('hex'),
});

describe('without a configured key', () => {
  it('one is made at the first start, for its owner alone; its custody is said once, and stands in each opening record', async () => {
    const signing = await run();
    const publicKey = readFileSync(join(directory, 'signing.pub'), 'utf8');
    expect(signing).toEqual({ ...about(publicKey), custody: 'journal', is_new: true });
    expect(statSync(join(directory, 'signing.key')).mode & 0o777).toBe(0o600);
    expect(said.at(-1)).toBe(
      `made a key to sign checkpoints, ${directory}/signing.key; beside the journal it proves nothing against who may read it: ` +
        `take ${directory}/signing.pub to where the journal is verified, and see signing.key_file for a better place`,
    );
    const before = said.length;
    expect(await run()).toEqual({ ...about(publicKey), custody: 'journal' });
    expect(said.slice(before).join()).not.toContain('key');
    expect(verifySigned(directory, publicKey).intact).toBe(true);
  });

  it('the group may read the public key where it may read the journal, and never the private one', async () => {
    await run({ BOTAUDIT_GROUP_READ: '1' });
    expect(statSync(join(directory, 'signing.key')).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'signing.pub')).mode & 0o777).toBe(0o640);
  });

  it('a public key that is not that of the private one is put right', async () => {
    await run();
    const published = readFileSync(join(directory, 'signing.pub'), 'utf8');
    for (const wrong of ['', own.publicKey]) {
      writeFileSync(join(directory, 'signing.pub'), wrong);
      await run();
      expect(readFileSync(join(directory, 'signing.pub'), 'utf8')).toBe(published);
    }
    writeFileSync(join(directory, 'signing.key'), own.pem);
    await run();
    expect(readFileSync(join(directory, 'signing.pub'), 'utf8')).toBe(own.publicKey);
  });

  it.each<[string, (path: string) => void, RegExp]>([
    ['is garbage', (path) => writeFileSync(path, 'garbage'), /signing\.key is no private key in PEM; remove it/],
    ['is empty', (path) => writeFileSync(path, ''), /signing\.key is no private key in PEM; remove it/],
    ['is a folder', (path) => mkdirSync(path), /signing\.key EISDIR/],
  ])('a key that %s signs nothing: that is said, counted, and the bot goes on', async (_, damage, message) => {
    damage(join(directory, 'signing.key'));
    expect(await run()).toBeUndefined();
    expect(said.filter((line) => line.includes('NO CHECKPOINTS'))).toEqual([expect.stringMatching(message)]);
    const [stream] = streamsOf(directory);
    expect(checkpointsIn(join(directory, 'streams', stream as string))).toEqual([]);
    expect(names(onlyStreamIn(directory))).toEqual(['audit.stream.opened', 'bot.message.send', 'audit.stream.closed']);
  });

  it('processes that start at once in one folder make one key', async () => {
    const fixture = fileURLToPath(new URL('./fixtures/ending.mjs', import.meta.url));
    const env = { PATH: process.env.PATH, AUDITED: '1', BOTAUDIT_DIR: directory, BOTAUDIT_METRICS: 'off' };
    const ends = Array.from({ length: 4 }, async () => {
      const child = spawn(process.execPath, [fixture, 'naturally'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
      const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')]);
      return stderr;
    });
    const all = (await Promise.all(ends)).join('');
    expect(all.match(/made a key/g)).toHaveLength(1);
    const report = verifySigned(directory, readFileSync(join(directory, 'signing.pub'), 'utf8'));
    expect(report.keyIds).toHaveLength(1);
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});

describe('a configured key', () => {
  it.each<[string, () => Record<string, string>, string]>([
    ['in a file', () => ({ BOTAUDIT_SIGNING_KEY_FILE: keyFile(own.pem) }), 'file'],
    ['in the environment', () => ({ BOTAUDIT_SIGNING_KEY: own.pem }), 'environment'],
    ['in one line', () => ({ BOTAUDIT_SIGNING_KEY: own.pem.trim().replaceAll('\n', '\\n') }), 'environment'],
  ])('%s signs, and none is made beside the journal', async (_, env, custody) => {
    expect(await run(env())).toEqual({ ...about(own.publicKey), custody });
    expect(existsSync(join(directory, 'signing.key'))).toBe(false);
    expect(verifySigned(directory, own.publicKey)).toMatchObject({ intact: true, signed: true });
    expect(said.join()).not.toContain('key');
  });

  const p256 = () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  };
  const encrypted = () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const cipher = 'aes-256-cbc';
    return privateKey.export({ format: 'pem', type: 'pkcs8', cipher, passphrase: 'x' }) as string;
  };
  it.each<[string, () => string, RegExp]>([
    ['of another kind', p256, /is a key of another kind, ec/],
    ['that is encrypted', encrypted, /is encrypted/],
    ['that is the public one', () => own.publicKey, /is the public key; the private one signs/],
    ['that is cut off', () => own.pem.replace(/.{20}\n-----END/, '\n-----END'), /is no private key in PEM/],
    ['that is garbage', () => 'hunter2', /is no private key in PEM/],
  ])('%s stops the start, and is not quoted', (_, make, message) => {
    const pem = make();
    const secret = pem.split('\n').find((line) => line.length > 6 && !line.startsWith('---')) as string;
    const given: Record<string, string>[] = [
      { BOTAUDIT_SIGNING_KEY: pem },
      { BOTAUDIT_SIGNING_KEY_FILE: keyFile(pem) },
    ];
    for (const env of given) {
      const error = thrown(() => start(env));
      expect(error.message).toMatch(message);
      expect(error.message).toContain('allowed: an Ed25519 private key in PEM');
      expect(error.message).not.toContain(secret);
      expect(error.key).toBe('BOTAUDIT_SIGNING_KEY' in env ? 'signing.key' : 'signing.key_file');
    }
  });

  it('that is not there, or may not be read, stops the start', () => {
    const missing = join(directory, 'nowhere.pem');
    expect(thrown(() => start({ BOTAUDIT_SIGNING_KEY_FILE: missing })).message).toContain(
      `signing.key_file: ${missing} cannot be read (ENOENT)`,
    );
    const forbidden = keyFile(own.pem);
    chmodSync(forbidden, 0);
    // Its folder, and the configuration in it, may be looked at.
    chmodSync(directory, 0o755);
    const refused = asOrdinaryUser(() => thrown(() => start({ BOTAUDIT_SIGNING_KEY_FILE: forbidden })));
    expect(refused.message).toContain(`signing.key_file: ${forbidden} cannot be read (EACCES)`);
  });

  it('stands alone: a second one stops the start', () => {
    const env = { BOTAUDIT_SIGNING_KEY: own.pem, BOTAUDIT_SIGNING_KEY_FILE: keyFile(own.pem) };
    expect(thrown(() => start(env)).message).toContain('signing.key: stands beside signing.key_file');
  });

  it('of no use is not replaced by one of less worth where the start is to go on', async () => {
    const env = { BOTAUDIT_SIGNING_KEY_FILE: join(directory, 'nowhere.pem'), BOTAUDIT_ON_ERROR: 'continue' };
    expect(await run(env)).toBeUndefined();
    expect(existsSync(join(directory, 'signing.key'))).toBe(false);
    expect(said.join('\n')).toMatch(/CONFIGURATION IS WRONG.*nowhere\.pem.*NO CHECKPOINTS ARE MADE/s);
    expect(names(onlyStreamIn(directory))).toContain('audit.config.invalid');
  });

  it('is not asked for by who only reads the configuration, or switched auditing off', () => {
    const env = { BOTAUDIT_SIGNING_KEY_FILE: join(directory, 'nowhere.pem'), BOTAUDIT_DISABLED: '1' };
    expect(() => start(env)).not.toThrow();
    rmSync(directory, { recursive: true });
  });
});

function thrown(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error as ConfigError;
  }
  throw new Error('it started');
}
