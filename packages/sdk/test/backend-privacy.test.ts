import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditEvent } from '@botaudit/api';
import type { AuditRecord } from '@botaudit/record';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigError } from '../src/index.js';
import { decrypt, readDecryptionKeys } from '../src/protection/decryption.js';
import { PrivacySource } from '../src/protection/privacy-source.js';
import { pseudonymKeyLine } from '../src/protection/pseudonyms.js';
import { onlyStreamIn } from './journal-of.js';
import { PERSONAL } from './personal-data-arbitraries.js';
import { directory, event, said, start } from './running-backend.js';

const KEY = pseudonymKeyLine('k1', randomBytes(32));
const auditor = generateKeyPairSync('x25519');
const pem = (key: KeyObject, type: 'spki' | 'pkcs8') => key.export({ format: 'pem', type }) as string;

beforeEach(() => {
  writeFileSync(join(directory, 'pseudonym.key'), `${KEY}\n`);
  writeFileSync(join(directory, 'auditor.pem'), pem(auditor.publicKey, 'spki'));
});

const configure = (text: string) => writeFileSync(join(directory, 'botaudit.yaml'), text);

/** What the events become; every line is checked to be canonical and chained. */
async function recordsOf(...events: Partial<AuditEvent>[]): Promise<AuditRecord[]> {
  const backend = start();
  const ids = events.map((parts) => backend.write(event(parts)));
  await backend.shutdown();
  const records = onlyStreamIn(directory);
  return ids.map((id) => records.find(({ attributes }) => attributes['audit.record.id'] === id) as AuditRecord);
}

const KEYS = 'pseudonym: { key_file: pseudonym.key }, encrypt: { recipients: auditor.pem }';

it('nothing of it is loaded where nothing asks for it', async () => {
  const load = vi.spyOn(PrivacySource.prototype, 'load');
  configure('policy: { rules: [{ event: bot.callback, level: none }] }\n');
  await recordsOf({ reason: 'joe@example.com', body: { a: 1 } });
  expect(load).not.toHaveBeenCalled();
  load.mockRestore();
});

describe('what is found in texts', () => {
  it('is masked at every depth, in attributes, bodies, names and numbers; ids that records are found by stay', async () => {
    configure('protection: { detect: [email, phone, iban, payment_card, ip] }\n');
    const [record] = await recordsOf({
      actor: { id: 'email:joe@example.com', type: 'user' },
      target: { id: 'telegram:+491701234567' },
      source: { id: '203.0.113.9', type: 'ip' },
      reason: 'joe@example.com asked for it',
      attributes: { 'bot.chat.id': '4111111111111111', 'url.full': 'https://x.example/?m=joe@example.com' },
      body: {
        list: [{ 'joe@example.com': 'call +49 170 1234567', n: 4111111111111111, ok: true, small: 42 }],
        contact: { phone_number: 491701234567, first_name: 'Joe' },
      },
    });
    expect(record?.attributes).toMatchObject({
      'audit.actor.id': 'email:joe@example.com',
      'audit.target.id': 'telegram:+491701234567',
      'audit.source.id': '[masked:ip]',
      'audit.reason': '[masked:email] asked for it',
      'bot.chat.id': '4111111111111111',
      'url.full': 'https://x.example/?m=[masked:email]',
    });
    expect(record?.body).toEqual({
      list: [{ '[masked:email]': 'call [masked:phone]', n: '[masked:payment_card]', ok: true, small: 42 }],
      contact: { phone_number: '[masked:phone]', first_name: 'Joe' },
    });
  });

  it('is nowhere in the journal, wherever it was planted', async () => {
    configure('protection: { detect: [email, phone, iban, payment_card, ip] }\n');
    const planted = fc.oneof(...Object.values(PERSONAL));
    const holding = (value: string): fc.Arbitrary<unknown> =>
      fc.letrec((tie) => ({
        holder: fc.oneof(
          { depthSize: 'small', withCrossShrink: true },
          fc.constantFrom<unknown>(value, [`a ${value} b`], new Map([[value, 1]]), new Error(`for ${value}`)),
          fc.record({ x: tie('holder'), y: fc.anything() }),
          fc.tuple(fc.anything(), tie('holder')),
        ),
      })).holder;
    const backend = start();
    const values: string[] = [];
    fc.assert(
      fc.property(
        planted.chain((value) => fc.tuple(fc.constant(value), holding(value))),
        ([value, held]) => {
          values.push(value);
          backend.write(event({ reason: `for ${value}`, attributes: { 'x.y': held }, body: { held } }));
        },
      ),
      { numRuns: 200 },
    );
    await backend.shutdown();
    const journal = JSON.stringify(onlyStreamIn(directory));
    expect(values.filter((value) => journal.includes(JSON.stringify(value).slice(1, -1)))).toEqual([]);
  });
});

describe('fields', () => {
  it('are kept, dropped, masked, pseudonymised and encrypted, and the chain holds', async () => {
    configure(
      `protection:\n  detect: email\n  ${KEYS.replace(', encrypt', '\n  encrypt')}\n  fields:\n    audit.actor.id: pseudonym\n    audit.target.id: pseudonym\n` +
        '    bot.chat.id: pseudonym\n    audit.reason: encrypt\n    body.text: encrypt\n    body.title: drop\n    body.kept: keep\n' +
        '    body.**.first_name: mask\n    body.user: pseudonym\n    audit.*: drop\n',
    );
    const [record] = await recordsOf({
      target: { id: 'telegram:42', type: 'user' },
      reason: 'spam',
      attributes: { 'bot.platform': 'telegram', 'bot.chat.id': '42', 'bot.id': 'telegram:7' },
      body: {
        text: { a: 'joe@example.com', n: 1 },
        title: 'secret plan',
        kept: 'joe@example.com',
        from: [{ first_name: 'Joe', mail: 'joe@example.com' }],
        user: { id: 42, is_bot: false },
      },
    });
    const actor = String(record?.attributes['audit.actor.id']);
    expect(actor).toMatch(/^telegram:~k1\.[\w-]{22}$/);
    expect(record?.attributes).toMatchObject({
      'audit.target.id': actor,
      'bot.chat.id': actor.slice('telegram:'.length),
      'audit.action': 'SEND',
      'bot.id': 'telegram:7',
    });
    const { text, ...rest } = record?.body ?? {};
    expect(rest).toEqual({
      kept: 'joe@example.com',
      from: [{ first_name: '[masked:field]', mail: '[masked:email]' }],
      user: { id: actor.slice('telegram:'.length), is_bot: '[masked:field]' },
    });
    const keys = readDecryptionKeys(pem(auditor.privateKey, 'pkcs8'));
    expect(decrypt(String(text), keys)).toEqual({ state: 'decrypted', value: { a: 'joe@example.com', n: 1 } });
    expect(decrypt(String(record?.attributes['audit.reason']), keys)).toEqual({ state: 'decrypted', value: 'spam' });
  });

  it('of one person have one pseudonym in every run, and the bot is no person', async () => {
    configure(`protection: { ${KEYS}, fields: { audit.actor.id: pseudonym, audit.target.id: pseudonym } }\n`);
    const [first] = await recordsOf({ target: { id: 'telegram:7' }, attributes: { 'bot.id': 'telegram:7' } });
    expect(first?.attributes['audit.target.id']).toBe('telegram:7');
    const backend = start();
    const id = backend.write(event({ actor: { id: 'telegram:99', type: 'user' }, target: { id: 'telegram:42' } }));
    await backend.shutdown();
    const { streamsIn } = await import('./journal-of.js');
    const second = streamsIn(directory)
      .flat()
      .find(({ attributes }) => attributes['audit.record.id'] === id);
    expect(second?.attributes['audit.target.id']).toBe(first?.attributes['audit.actor.id']);
    expect(second?.attributes['audit.actor.id']).not.toBe(first?.attributes['audit.actor.id']);
  });

  it('of a rule of the policy come before those for all events', async () => {
    configure(
      `protection: { ${KEYS}, fields: { body.amount: drop, body.note: mask } }\n` +
        'policy: { rules: [{ event: payment.*, fields: { body.amount: keep, body.to: drop } }] }\n',
    );
    const body = { amount: 5, note: 'for rent', to: 'Joe' };
    const [payment, other] = await recordsOf({ name: 'payment.transfer', body }, { body });
    expect(payment?.body).toEqual({ amount: 5, note: '[masked:field]' });
    expect(other?.body).toEqual({ note: '[masked:field]', to: 'Joe' });
  });

  it('of a rule hold where nothing is said for all events', async () => {
    configure('policy: { rules: [{ event: payment.*, fields: { "body.**": drop } }] }\n');
    const [payment, other] = await recordsOf({ name: 'payment.transfer', body: { a: { b: 1 } } }, { body: { a: 1 } });
    expect(payment?.body).toBeUndefined();
    expect(other?.body).toEqual({ a: 1 });
  });

  it('of what auditing tells of itself stay, and what is done is on the chain', async () => {
    configure(`protection: { detect: [ip], ${KEYS}, fields: { '**': drop, audit.actor.id: pseudonym } }\n`);
    const [record] = await recordsOf({ body: { a: 1 }, reason: 'why' });
    expect(record?.body).toBeUndefined();
    expect(record?.attributes).not.toHaveProperty(['audit.reason']);
    const [opened, loaded] = onlyStreamIn(directory);
    expect(opened?.body).toHaveProperty('schema_version', 1);
    expect(loaded?.eventName).toBe('audit.policy.loaded');
    expect(loaded?.body?.protection).toMatchObject({
      detect: ['ip'],
      fields: { '**': 'drop', 'audit.actor.id': 'pseudonym' },
      pseudonym_key: 'k1',
      encrypted_to: [expect.stringMatching(/^[\w-]{43}$/)],
    });
    expect(JSON.stringify(onlyStreamIn(directory))).not.toContain(KEY.slice(3));
  });

  it('that are encrypted and too long are left out whole: a beginning could not be read', async () => {
    configure(`protection: { ${KEYS}, fields: { body.text: encrypt } }\n`);
    const [record] = await recordsOf({ body: { text: 'x'.repeat(300_000) } });
    expect(record?.body).toBeUndefined();
    expect(record?.attributes['bot.truncated']).toEqual([expect.objectContaining({ name: 'body.text' })]);
  });
});

describe('a key that is of no use', () => {
  const failure = (env = {}) => {
    try {
      start(env);
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
    throw new Error('it was accepted');
  };

  it('stops the start, in words that name the file and what is wrong', () => {
    writeFileSync(join(directory, 'private.pem'), pem(auditor.privateKey, 'pkcs8'));
    const said = (keys: string, action: string) => {
      configure(`protection: { ${keys}, fields: { audit.actor.id: pseudonym, audit.reason: ${action} } }\n`);
      return failure();
    };
    expect(said('pseudonym: { key_file: auditor.pem }', 'drop')).toContain(
      'auditor.pem key 1 is a key of another kind',
    );
    expect(said('pseudonym: { key_file: missing }', 'drop')).toMatch(/missing cannot be read \(ENOENT\)/);
    const encrypt = (files: string) =>
      said(`pseudonym: { key_file: pseudonym.key }, encrypt: { recipients: ${files} }`, 'encrypt');
    expect(encrypt('private.pem')).toMatch(/private\.pem is a private key/);
    expect(encrypt('[auditor.pem, auditor.pem]')).toContain('holds a key that another file has given');
    expect(encrypt(`"auditor.pem#${'A'.repeat(43)}"`)).toContain('it was swapped');
    expect(failure()).not.toContain(KEY.slice(3));
  });

  it('is missed where fields ask for it, with the line', () => {
    configure(
      'protection:\n  fields:\n    audit.actor.id: pseudonym\n    audit.reason: encrypt\n    audit.record.id: drop\n',
    );
    expect(failure()).toMatch(/botaudit\.yaml:2: protection\.fields: asks for pseudonyms, and there is no key/);
    expect(failure()).toContain('asks for encryption, and there is nobody to encrypt to');
    expect(failure()).toContain('audit.record.id: drop is not possible');
    configure('policy:\n  rules:\n    - event: bot.command\n      fields: { audit.reason: encrypt, body.x: vanish }\n');
    expect(failure()).toContain('policy.rules[0].fields: body.x: "vanish" is no action');
  });

  it('shows nothing that was to be hidden, where the bot is to start all the same', async () => {
    configure(
      'protection: { pseudonym: { key_file: missing }, encrypt: { recipients: [auditor.pem, missing] }, ' +
        'fields: { audit.actor.id: pseudonym, body.text: encrypt, body.no: vanish } }\n',
    );
    const backend = start({ BOTAUDIT_ON_ERROR: 'continue' });
    const id = backend.write(event({ body: { text: 'hidden', no: 'hidden' } }));
    await backend.shutdown();
    const record = onlyStreamIn(directory).find(({ attributes }) => attributes['audit.record.id'] === id);
    expect(record?.attributes['audit.actor.id']).toMatch(/^telegram:~lost\./);
    expect(record?.body).toEqual({ text: '[masked:field]', no: '[masked:field]' });
    expect(said.join()).toContain('THE CONFIGURATION IS WRONG');
  });

  it('in the environment is removed wherever it turns up', async () => {
    configure('protection: { fields: { audit.actor.id: pseudonym } }\n');
    const backend = start({ BOTAUDIT_PSEUDONYM_KEY: KEY });
    backend.write(event({ reason: `env ${KEY}` }));
    await backend.shutdown();
    expect(JSON.stringify(onlyStreamIn(directory))).toContain('env k1:[removed:pseudonym_key]');
  });
});
