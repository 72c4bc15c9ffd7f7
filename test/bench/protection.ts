// What protection costs: the same write with and without it, and the encryption of a field against what node:crypto takes.
import { createCipheriv, diffieHellman, generateKeyPairSync, hash, type KeyObject, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEvent } from '@botaudit/api';
import { startBackend } from '@botaudit/sdk';
import { Encryption, newPair, pseudonymKeyLine, readRecipient } from '@botaudit/sdk/protection';
import type { Section } from './report.ts';
import { quantile, ratios, showSpread, sorted, spread } from './statistics.ts';

const ROUNDS = 25;
const CALLS = 1_000;

/** A message of a person, with its text: what a policy that keeps contents records. */
function eventOf(user: number): AuditEvent {
  return {
    name: 'bot.message.send',
    action: 'SEND',
    outcome: 'success',
    actor: { id: `telegram:${user}`, type: 'user' },
    target: { id: `telegram:${user}`, type: 'user' },
    reason: 'asked for in the chat of the support team',
    attributes: {
      'bot.id': 'telegram:7',
      'bot.platform': 'telegram',
      'bot.framework': 'grammy',
      'bot.chat.id': String(user),
      'bot.chat.type': 'private',
      'bot.api.method': 'sendMessage',
      'bot.action.duration': 0.0421,
    },
    body: {
      text:
        'Your parcel 4711 has arrived at the shop in the main street; it can be collected until 18:00. ' +
        'Questions? Write to support@example.com or call +49 30 1234567.',
    },
    trace: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' },
  };
}

const CONFIGURATION = `protection:
  detect: [email, phone, iban, payment_card, ip]
  pseudonym: { key_file: pseudonym.key }
  fields: { audit.actor.id: pseudonym, audit.target.id: pseudonym, bot.chat.id: pseudonym, body.**.first_name: mask }
policy:
  rules:
    - { event: bot.callback, level: none }
    - { event: bot.message.*, fields: { audit.reason: mask } }
`;

interface Contender {
  readonly name: string;
  call(round: number, index: number): void;
  end(): Promise<void> | void;
}

function writer(folder: string, name: string, configuration: string, userOf: (round: number, index: number) => number) {
  const cwd = join(folder, name.replaceAll(/\W+/g, '-'));
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'pseudonym.key'), `${pseudonymKeyLine('bench', randomBytes(32))}\n`, { mode: 0o600 });
  writeFileSync(join(cwd, 'botaudit.yaml'), configuration);
  const backend = startBackend({ env: { BOTAUDIT_METRICS: 'off' }, cwd, say: () => {} });
  return {
    name,
    call: (round: number, index: number) => void backend.write(eventOf(userOf(round, index))),
    end: () => backend.shutdown(),
  };
}

const FIELD = randomBytes(768).toString('base64url');

/** The operations that one field needs (RFC 7518, 4.6), and nothing that makes a JWE of them. */
function bare(curve: 'X25519' | 'P-256', publicKey: KeyObject): Contender {
  return {
    name: `the bare operations of \`node:crypto\`, ${curve}`,
    call() {
      const { privateKey } =
        curve === 'X25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const key = hash('sha256', diffieHellman({ privateKey, publicKey }), 'buffer');
      const cipher = createCipheriv('aes-256-gcm', key, randomBytes(12));
      Buffer.concat([cipher.update(FIELD, 'utf8'), cipher.final()]);
      cipher.getAuthTag();
    },
    end: () => {},
  };
}

function encrypting(curve: 'X25519' | 'P-256', publicKey: KeyObject): Contender {
  const recipient = readRecipient(publicKey.export({ format: 'pem', type: 'spki' }) as string);
  const encryption = new Encryption([recipient]);
  return { name: `a field of 1 kB encrypted, ${curve}`, call: () => void encryption.begin()(FIELD), end: () => {} };
}

export async function protection(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-bench-'));
  const known = (_round: number, index: number) => 1_000_000 + (index % 500);
  const unknown = (round: number, index: number) => (round + 10) * 1_000_000 + index;
  const x25519 = newPair('X25519').publicKey;
  const p256 = newPair('P-256').publicKey;
  const contenders: Contender[] = [
    writer(folder, '`write`, 500 persons', '', known),
    writer(folder, '`write` with policy, masking and pseudonyms, 500 persons', CONFIGURATION, known),
    writer(folder, '`write`, a new person each time', '', unknown),
    writer(folder, '`write` with policy, masking and pseudonyms, a new person each time', CONFIGURATION, unknown),
    bare('X25519', x25519),
    encrypting('X25519', x25519),
    bare('P-256', p256),
    encrypting('P-256', p256),
  ];
  const p50 = new Map<string, number[]>();
  try {
    const samples = new Float64Array(CALLS);
    for (let round = -3; round < ROUNDS; round++) {
      for (const { name, call } of contenders) {
        for (let index = 0; index < CALLS; index++) {
          const started = process.hrtime.bigint();
          call(round, index);
          samples[index] = Number(process.hrtime.bigint() - started) / 1_000;
        }
        if (round >= 0) p50.set(name, [...(p50.get(name) ?? []), quantile(sorted(samples), 0.5)]);
      }
      await new Promise(setImmediate);
    }
  } finally {
    for (const { end } of contenders) await end();
    rmSync(folder, { recursive: true, force: true });
  }
  const of = (index: number) => p50.get(contenders[index]?.name ?? '') ?? [];
  /** Each second one is measured against the one before it. */
  const against = (index: number) => ratios(of(index), of(index - 1));
  return {
    title: 'What protection costs',
    method:
      `${ROUNDS} rounds of ${CALLS} calls each, all in one process, taking turns; microseconds, as the median of the rounds ` +
      'with the least and the greatest. The record has a text of 160 characters; actor, target and chat get pseudonyms, the ' +
      'texts are searched for all five kinds, and a rule of the policy masks a field. Of persons that are known their ' +
      'pseudonyms are too. What a field of 1 kB needs is a new pair of keys, an agreement, a hash, a nonce and AES-256-GCM.',
    columns: ['', 'p50 µs', 'against the line before'],
    rows: contenders.map(({ name }, index) => [
      name,
      showSpread(spread(of(index)), 1),
      index % 2 === 0 ? '1' : `${showSpread(against(index))} ×`,
    ]),
    goals: [
      ...[1, 3].map((index) => ({
        promise: `p50 of ${contenders[index]?.name} ≤ 2 × without`,
        measured: `${showSpread(against(index))} ×`,
        met: against(index).median <= 2,
      })),
      ...[5, 7].map((index) => ({
        promise: `${contenders[index]?.name} ≤ 1.5 × the bare operations`,
        measured: `${showSpread(against(index))} ×`,
        met: against(index).median <= 1.5,
      })),
    ],
  };
}
