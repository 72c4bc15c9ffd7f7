import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NO_CHECKPOINT_HASH } from '@botaudit/record';
import { describe, expect, it } from 'vitest';
import { checkpointLines, checkpointsIn, streamsOf, verifySigned } from './checkpoints-of.js';
import { recordsIn } from './journal-of.js';
import { directory, event, said, start, until } from './running-backend.js';

const publicKey = () => readFileSync(join(directory, 'signing.pub'), 'utf8');
const folderOf = (stream = streamsOf(directory)[0]) => join(directory, 'streams', stream as string);
const numbers = (stream?: string) => checkpointsIn(folderOf(stream)).map(({ tips }) => tips.map(tipNumber));
const tipNumber = ({ sequence_number: number }: { sequence_number: number }) => number;

describe('checkpoints of a stream', () => {
  it('are made of its beginning and of its end, after its last record, each naming the one before', async () => {
    const backend = start();
    backend.write(event());
    backend.write(event());
    expect(numbers()).toEqual([[1]]);
    await backend.shutdown();
    const checkpoints = checkpointsIn(folderOf());
    const lines = recordsIn(folderOf()).length;
    expect(numbers()).toEqual([[1], [lines]]);
    expect(checkpoints).toMatchObject([
      {
        seq: 1,
        prev_hash: NO_CHECKPOINT_HASH,
        tips: [{ epoch: 0, entry_count: 1, stream_id: streamsOf(directory)[0] }],
      },
      {
        seq: 2,
        prev_hash: hash(
          'sha256',
          JSON.parse(checkpointLines(folderOf())[0] as string).Body.kvlistValue.values[0].value.stringValue,
        ),
      },
    ]);
    expect(Math.abs(Date.parse(checkpoints[1]!.timestamp) - Date.now())).toBeLessThan(60_000);
    expect(verifySigned(directory, publicKey())).toMatchObject({ signed: true, findings: [], checkpoints: 2 });
    expect(statSync(join(folderOf(), 'checkpoints.ndjson')).mode & 0o777).toBe(0o600);
  });

  it('come after so many records, and never while one is being written', async () => {
    const backend = start({ BOTAUDIT_CHECKPOINT_RECORDS: '10' });
    for (let count = 0; count < 25; count++) backend.write(event());
    expect(numbers()).toEqual([[1]]);
    await until(() => numbers().length > 1);
    expect(numbers()).toEqual([[1], [26]]);
    for (let count = 0; count < 9; count++) backend.write(event());
    await new Promise(setImmediate);
    expect(numbers()).toEqual([[1], [26]]);
    backend.write(event());
    await until(() => numbers().length > 2);
    expect(numbers().at(-1)).toEqual([36]);
  });

  it('come so long after a record; without one, none', async () => {
    const backend = start({ BOTAUDIT_CHECKPOINT_INTERVAL_SECONDS: '1' });
    backend.write(event());
    await until(() => numbers().length === 2);
    expect(numbers()).toEqual([[1], [2]]);
    const other = start({ BOTAUDIT_CHECKPOINT_INTERVAL_SECONDS: '1' });
    other.write(event());
    await until(() => streamsOf(directory).every((stream) => numbers(stream).length === 2));
    // The first one had as much time again, and nothing to say.
    expect(streamsOf(directory).map((stream) => numbers(stream))).toEqual([
      [[1], [2]],
      [[1], [2]],
    ]);
  });

  it('never name a record that is not on the disk, whatever the durability', async () => {
    const backend = start({ BOTAUDIT_DURABILITY: 'memory', BOTAUDIT_CHECKPOINT_RECORDS: '50' });
    for (let count = 0; count < 500; count++) {
      backend.write(event());
      const committed = numbers().at(-1)?.[0] ?? 0;
      if (committed > 0) expect(recordsIn(folderOf()).length).toBeGreaterThanOrEqual(committed);
      if (count % 20 === 0) await new Promise(setImmediate);
    }
    await backend.shutdown();
    expect(numbers().length).toBeGreaterThan(3);
    expect(verifySigned(directory, publicKey()).signed).toBe(true);
  });

  it('are each process’s own sequence', async () => {
    for (let run = 0; run < 3; run++) {
      const backend = start();
      backend.write(event());
      await backend.shutdown();
    }
    for (const stream of streamsOf(directory)) {
      expect(checkpointsIn(folderOf(stream)).map(({ seq }) => seq)).toEqual([1, 2]);
    }
  });

  it('vouch for what is said of segments that went by retention', async () => {
    const backend = start({ BOTAUDIT_MAX_BYTES: '1MiB', BOTAUDIT_SEGMENT_MAX_BYTES: '64KiB' });
    for (let index = 0; index < 300; index++) {
      backend.write(event({ attributes: { padding: 'x'.repeat(5_000) } }));
      if (index % 10 === 9) await new Promise(setImmediate);
    }
    const removed = () => verifySigned(directory, publicKey()).findings.filter(({ kind }) => kind === 'removed');
    await until(() => removed().some(({ severity }) => severity === 'notice'));
    await backend.shutdown();
    expect(removed()).toMatchObject([{ severity: 'notice', number: 1 }]);
    expect(verifySigned(directory, publicKey())).toMatchObject({ intact: true, signed: true });
  });

  it('that can not be written are said once, counted, and made when they can be; the sequence has no gap', async () => {
    const backend = start({ BOTAUDIT_CHECKPOINT_RECORDS: '5', BOTAUDIT_CHECKPOINT_INTERVAL_SECONDS: '1' });
    backend.write(event());
    const path = join(folderOf(), 'checkpoints.ndjson');
    const first = readFileSync(path, 'utf8');
    renameSync(path, join(directory, 'away'));
    mkdirSync(path);
    const complaints = () => said.filter((line) => line.startsWith('checkpoints: ')).length;
    for (let count = 0; count < 5; count++) backend.write(event());
    await until(() => complaints() > 0);
    for (let count = 0; count < 5; count++) backend.write(event());
    rmdirSync(path);
    renameSync(join(directory, 'away'), path);
    await backend.shutdown();
    expect(readFileSync(path, 'utf8').startsWith(first)).toBe(true);
    const seqs = checkpointsIn(folderOf()).map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: Math.max(2, seqs.length) }, (_, index) => index + 1));
    expect(complaints()).toBe(1);
    expect(verifySigned(directory, publicKey())).toMatchObject({ signed: true });
  });
});

describe('a stream that was adopted', () => {
  it('is committed by who adopted it, at its last whole record', async () => {
    const env = { PATH: process.env.PATH, BOTAUDIT_DIR: directory, BOTAUDIT_METRICS: 'off' };
    const fixture = fileURLToPath(new URL('./fixtures/dying.mjs', import.meta.url));
    expect(spawnSync(process.execPath, [fixture], { env }).signal).toBe('SIGKILL');
    const [dead] = streamsOf(directory) as [string];
    const length = recordsIn(folderOf(dead)).length;
    const committed = numbers(dead).at(-1)?.[0] ?? 0;
    expect(committed).toBeLessThan(length);

    const backend = start();
    backend.write(event());
    const own = streamsOf(directory).find((stream) => stream !== dead) as string;
    const adopting = await until(() => checkpointsIn(folderOf(own)).find(({ tips }) => tips.length === 2));
    expect(adopting.tips.find(({ stream_id: id }) => id === dead)).toMatchObject({ sequence_number: length, epoch: 0 });
    await backend.shutdown();
    const report = verifySigned(directory, publicKey(), [own, dead]);
    expect(report).toMatchObject({ intact: true, signed: true, unsigned: 0 });
    expect(report.findings.map(({ kind }) => kind)).toEqual(['not_closed']);
    // The next one has nothing to add about it.
    expect(checkpointsIn(folderOf(own)).at(-1)?.tips).toHaveLength(1);
  });
});
