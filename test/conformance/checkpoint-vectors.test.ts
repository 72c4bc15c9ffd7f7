import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jcs, sha256Hex } from '@botaudit/record';
import { expect, test } from 'vitest';

interface Vector {
  readonly name: string;
  readonly input: { readonly prev_hash: string; readonly seq: number };
  readonly canonical: string;
  readonly sha256: string;
}

interface Negative {
  readonly name: string;
  readonly expect: 'signature' | 'chain';
  readonly input: { readonly prev_hash: string };
  readonly prev_sha256?: string;
}

const file = join(import.meta.dirname, 'checkpoint-vectors-v1.json');
const { vectors, negatives } = JSON.parse(readFileSync(file, 'utf8')) as {
  vectors: Vector[];
  negatives: Negative[];
};

/** RFC 8785 has nothing to say about the order of tips: the checkpoint's own rule sorts them before. */
function sorted(input: object): object {
  const { tips } = input as { tips: { stream_id: string }[] };
  return { ...input, tips: tips.toSorted((a, b) => (a.stream_id < b.stream_id ? -1 : 1)) };
}

test.each(vectors)('$name: canonical form and SHA-256', ({ input, canonical, sha256 }) => {
  expect(jcs(sorted(input))).toBe(canonical);
  expect(sha256Hex(canonical)).toBe(sha256);
  expect(createHash('sha256').update(canonical).digest('hex')).toBe(sha256);
});

test('each checkpoint names the hash of the one before, the first that of nothing', () => {
  let previous = sha256Hex('');
  for (const [index, { input, canonical }] of vectors.entries()) {
    expect(input.seq).toBe(index + 1);
    expect(input.prev_hash).toBe(previous);
    previous = sha256Hex(canonical);
  }
});

test('a checkpoint whose chain is broken does not name the hash of the one before', () => {
  const broken = negatives.filter(({ expect }) => expect === 'chain');
  expect(broken.map(({ name }) => name)).toEqual(['broken_chain']);
  for (const { input, prev_sha256 } of broken) expect(input.prev_hash).not.toBe(prev_sha256);
});
