import { createPrivateKey, hash, sign } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  canonicalCheckpoint,
  canonicalRecord,
  checkpointRecord,
  NO_CHECKPOINT_HASH,
  parseCheckpoint,
  parseRecord,
} from '@botaudit/record';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SignedJournal, type SignedStream } from './support/signed-journal.js';
import { errorsOf, verifyJournal } from './support/verify-journal.js';

let journal: SignedJournal;
let stream: SignedStream;
beforeEach(async () => {
  journal = new SignedJournal();
  stream = await journal.run(20);
});
afterEach(() => journal.remove());

const sha256 = (text: string): string => hash('sha256', text);

/** What root on the machine can do: change a record, chain all that follow anew, and sign it with the key of the bot. */
function rewriteAndSign(from: number): void {
  const records: string[] = [];
  for (const [index, line] of stream.records.entries()) {
    const record = parseRecord(index === from ? line.replace('telegram:42', 'telegram:43') : line);
    const before = records.at(-1);
    if (before !== undefined) record.attributes['audit.sequence.previous_hash'] = sha256(before);
    records.push(canonicalRecord(record));
  }
  const key = createPrivateKey(readFileSync(journal.key.privateKey));
  let previous = NO_CHECKPOINT_HASH;
  stream.checkpoints = stream.checkpoints.map((line) => {
    const { checkpoint: text, key_id: keyId } = parseRecord(line).body as Record<string, string>;
    const { tips, ...rest } = parseCheckpoint(text as string);
    const forged = tips.map((tip) => ({ ...tip, tip_hash: sha256(records[tip.sequence_number - 1] as string) }));
    const checkpoint = canonicalCheckpoint({ ...rest, prev_hash: previous, tips: forged });
    previous = sha256(checkpoint);
    const signature = sign(null, Buffer.from(checkpoint), key).toString('base64');
    return canonicalRecord(checkpointRecord({ streamId: stream.id, checkpoint, signature, keyId: keyId as string }));
  });
  stream.records = records;
}

describe('whoever has the key of the bot as well, such as root on its machine', () => {
  test('can write all of it anew, as long as nothing of it has left the machine', async () => {
    rewriteAndSign(5);
    const { code, stdout } = await verifyJournal(journal);
    expect({ code, errors: errorsOf(stdout) }).toEqual({ code: 0, errors: [] });
    expect(stdout).toMatch(/^authentic: 1 stream, 22 records/);
  });

  test('can not change what a checkpoint vouches for that was shipped before', async () => {
    const shipped = join(journal.folder, 'shipped.ndjson');
    copyFileSync(stream.checkpointFile, shipped);
    rewriteAndSign(5);
    const { code, stdout } = await verifyJournal(journal, [
      '--public-key',
      journal.key.publicKey,
      '--checkpoints',
      shipped,
    ]);
    expect(code).toBe(1);
    expect(errorsOf(stdout).join('\n')).toMatch(
      / changed: record 22: not the record that checkpoint \d of stream \S+ commits$/,
    );
  });

  test('can still change what came after the last checkpoint that was shipped, and nothing before it', async () => {
    const shipped = join(journal.folder, 'shipped.ndjson');
    copyFileSync(stream.checkpointFile, shipped);
    // The first checkpoint alone has left the machine: it commits the opening record.
    const [first = ''] = stream.checkpoints;
    const early = join(journal.folder, 'early.ndjson');
    writeFileSync(early, `${first}\n`);
    rewriteAndSign(5);
    const args = ['--public-key', journal.key.publicKey, '--checkpoints'];
    expect((await verifyJournal(journal, [...args, early])).code).toBe(0);
    expect((await verifyJournal(journal, [...args, shipped])).code).toBe(1);
  });
});
