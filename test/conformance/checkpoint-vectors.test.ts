import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Checkpoint,
  type CheckpointOptions,
  canonicalCheckpoint,
  NO_CHECKPOINT_HASH,
  parseCheckpoint,
  publicKeyBytes,
  type SignedCheckpoint,
  sha256Hex,
  verifyCheckpoints,
  verifyCheckpointsAsync,
} from '@botaudit/record';
import { expect, test } from 'vitest';

interface Vector {
  readonly name: string;
  readonly input: Checkpoint;
  readonly canonical: string;
  readonly sha256: string;
  readonly signature: string;
}

interface Negative {
  readonly name: string;
  readonly expect: 'signature' | 'chain';
  readonly input: Checkpoint;
  readonly signature: string;
  readonly prev_sha256?: string;
}

interface Suite {
  readonly format_version: number;
  readonly algorithm: string;
  readonly signing_seed_hex: string;
  readonly public_key_hex: string;
  readonly vectors: readonly Vector[];
  readonly negatives: readonly Negative[];
}

const file = join(import.meta.dirname, 'checkpoint-vectors-v1.json');
const suite = JSON.parse(readFileSync(file, 'utf8')) as Suite;
const { vectors, negatives, public_key_hex: publicKey } = suite;

const privateKey = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${suite.signing_seed_hex}`, 'hex'),
  format: 'der',
  type: 'pkcs8',
});

/** What is found about checkpoints, in the words of the suite; at once, and where that has to be waited for. */
async function defects(
  checkpoints: readonly SignedCheckpoint[],
  options: Partial<CheckpointOptions> = {},
): Promise<string[]> {
  const report = verifyCheckpoints(checkpoints, { publicKey, ...options });
  const { verifySignature: _, ...rest } = options;
  expect(await verifyCheckpointsAsync(checkpoints, { publicKey, ...rest })).toEqual(report);
  return report.findings.filter(({ severity }) => severity === 'error').map(({ defect }) => defect);
}

test('the suite is of the version and algorithm that are known, and its keys belong together', () => {
  expect(suite).toMatchObject({ format_version: 1, algorithm: 'ed25519' });
  const pem = createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }) as string;
  expect(Buffer.from(publicKeyBytes(pem)).toString('hex')).toBe(publicKey);
});

test.each(vectors)('$name: canonical form, SHA-256 and signature', async ({ input, canonical, sha256, signature }) => {
  expect(canonicalCheckpoint(input)).toBe(canonical);
  expect(canonicalCheckpoint(parseCheckpoint(canonical))).toBe(canonical);
  expect(sha256Hex(canonical)).toBe(sha256);
  expect(createHash('sha256').update(canonical).digest('hex')).toBe(sha256);
  // Ed25519 is deterministic.
  expect(sign(null, Buffer.from(canonical), privateKey).toString('base64')).toBe(signature);
  for (const checkpoint of [input, canonical, Buffer.from(canonical)]) {
    expect(await defects([{ checkpoint, signature }])).toEqual([]);
  }
});

test('the vectors are one sequence, from the first checkpoint on', async () => {
  const list = vectors.map(({ canonical, signature }) => ({ checkpoint: canonical, signature }));
  expect(await defects(list, { fromStart: true })).toEqual([]);
  let previous = NO_CHECKPOINT_HASH;
  expect(previous).toBe(sha256Hex(''));
  for (const [index, { input, canonical }] of vectors.entries()) {
    expect(input).toMatchObject({ seq: index + 1, prev_hash: previous });
    previous = sha256Hex(canonical);
  }
});

test.each(negatives)('must be rejected: $name', async ({ input, signature, expect: expected, prev_sha256: hash }) => {
  const options = hash === undefined ? {} : { previous: { seq: input.seq - 1, hash } };
  expect(await defects([{ checkpoint: input, signature }], options)).toEqual([expected]);
  // The one whose chain is broken is so in itself: it says to be the first.
  expect(await defects([{ checkpoint: input, signature }])).toEqual([expected]);
});

/** What must be rejected beyond the file, each signed with its key: a struct that drops a member would take it. */
const [genesis, single, multi] = vectors as [Vector, Vector, Vector];
const tips = [...multi.input.tips].reverse();
test.each<[string, string, string]>([
  ['tips out of order', multi.canonical.replace(/\[(.*),(\{.*\})\]/, '[$2,$1]'), 'form'],
  ['an unknown member', genesis.canonical.replace('"seq"', '"nonce":1,"seq"'), 'form'],
  [
    'an unknown member of a tip',
    single.canonical.replace('"sequence_number"', '"extra":null,"sequence_number"'),
    'form',
  ],
  ['tips that are null', genesis.canonical.replace('[]', 'null'), 'form'],
  ['an epoch that is null', single.canonical.replace('"sequence_number"', '"epoch":null,"sequence_number"'), 'form'],
  ['a negative epoch', single.canonical.replace('"sequence_number"', '"epoch":-1,"sequence_number"'), 'form'],
  ['a number as text', single.canonical.replace('"entry_count":3', '"entry_count":"3"'), 'form'],
  ['an integer beyond 2^53 - 1', single.canonical.replace('"entry_count":3', '"entry_count":9007199254740992'), 'form'],
  ['a fraction of a second', genesis.canonical.replace('00Z', '00.5Z'), 'form'],
  ['half of a surrogate pair', single.canonical.replace('"11111111-', '"\\ud80011111111-'), 'form'],
  ['a space', genesis.canonical.replace(',', ', '), 'form'],
  ['the hash of the first, and another number', genesis.canonical.replace('"seq":1', '"seq":2'), 'seq'],
  ['the number of the first, and another hash', single.canonical.replace('"seq":2', '"seq":1'), 'chain'],
])('must be rejected although it is signed: %s', async (_, text, expected) => {
  expect(vectors.map(({ canonical }) => canonical)).not.toContain(text);
  const signature = sign(null, Buffer.from(text), privateKey).toString('base64');
  expect(await defects([{ checkpoint: text, signature }])).toEqual([expected]);
});

test('two tips of one stream must be rejected, in whatever order they come', async () => {
  for (const order of [tips, tips.toReversed()]) {
    const checkpoint = { ...multi.input, tips: order.map((tip) => ({ ...tip, stream_id: 'one' })) };
    expect(await defects([{ checkpoint, signature: multi.signature }])).toEqual(['form']);
  }
});
