import { randomInt } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ATTR_AUDIT_RECORD_ID, ATTR_AUDIT_TARGET_ID } from '@botaudit/record';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { figure } from '../support/figure.ts';
import { readJournal, type StreamOnDisk } from '../support/journal.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { verifyJournal } from '../support/verify.ts';
import { startLoad } from './child.ts';
import { startSink } from './sink.ts';

const RUNS = Number(process.env.BOTAUDIT_FAULT_RUNS ?? 30);

/** A kill may come at any moment of a process's life: one in five before it is at full load. */
const EARLY_SHARE = 5;
const EARLY_MS = 500;
const LOADED_MS = 200;

/** With a thread that syncs, and segments so short that many are finished, and compressed by whoever comes later. */
const EVERY_OTHER = { BOTAUDIT_DURABILITY: 'power', BOTAUDIT_SEGMENT_MAX_BYTES: '512 KiB' };

/** What is kept of a stream whose process was killed. */
interface DeadStream {
  readonly id: string;
  readonly isEmpty: boolean;
  readonly isTorn: boolean;
}

/** The streams that one says were taken over. */
function recoveredBy({ records }: StreamOnDisk): string[] {
  const reports = records.filter(({ eventName }) => eventName === 'audit.stream.recovered');
  return reports.map(({ attributes }) => String(attributes[ATTR_AUDIT_TARGET_ID]).replace(/^stream:/, ''));
}

test(
  `killed ${RUNS} times in the middle of load: every record whose write returned is whole, shipped and accounted for`,
  async () => {
    const folder = await temporaryFolder();
    const directory = join(folder, 'journal');
    const sink = await startSink();
    const env = { ...sink.env, BOTAUDIT_DIR: directory, BOTAUDIT_METRICS: 'off', BOTAUDIT_MAX_BYTES: '64 GiB' };

    let told = 0;
    /** Of these, what has not come to the sink. */
    const missing = new Set<string>();
    const killed: DeadStream[] = [];
    const seen = new Set<string>();
    /** Streams of which a later process has put on record that it took them over. */
    const recovered = new Set<string>();
    for (let run = 1; run <= RUNS; run++) {
      const child = startLoad({ ...env, ...(run % 2 === 0 && EVERY_OTHER) }, folder);
      if (run % EARLY_SHARE === 0) {
        await wait(randomInt(EARLY_MS));
      } else {
        await child.tells('records of both threads', () => child.threads.size === 2);
        await wait(randomInt(LOADED_MS));
      }
      expect(child.isRunning, child.stderr).toBe(true);
      await child.end('SIGKILL');
      expect(child.refused).toBe(0);

      const streams = await readJournal(directory, seen);
      const whole = new Set(
        streams.flatMap(({ records }) => records.map((one) => one.attributes[ATTR_AUDIT_RECORD_ID])),
      );
      expect(child.written.filter((id) => !whole.has(id))).toEqual([]);
      for (const stream of streams) {
        // Only the very last line can have been cut off.
        expect(stream.torn.length).toBeLessThanOrEqual(1);
        seen.add(stream.id);
        killed.push({ id: stream.id, isEmpty: stream.records.length === 0, isTorn: stream.torn.length > 0 });
        for (const id of recoveredBy(stream)) recovered.add(id);
      }
      told += child.written.length;
      for (const id of child.written) missing.add(id);
    }

    const last = startLoad(env, folder);
    await eventually(
      'all records at the sink',
      () => {
        for (const id of missing) if (sink.received.has(id)) missing.delete(id);
        return missing.size === 0 || undefined;
      },
      60_000 + RUNS * 500,
    );
    const died = killed.filter(({ isEmpty }) => !isEmpty);
    await eventually('a report of each recovery', async () => {
      for (const stream of await readJournal(directory, seen)) for (const id of recoveredBy(stream)) recovered.add(id);
      return died.every(({ id }) => recovered.has(id)) || undefined;
    });
    await last.end('SIGTERM');

    const publicKey = join(folder, 'signing.pub');
    await copyFile(join(directory, 'signing.pub'), publicKey);
    const report = await verifyJournal(directory, publicKey);
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report).toMatchObject({ intact: true, exitCode: 0 });
    // What each left was signed by the next, whatever became of that; the worker thread of the last one ended unheard.
    const unsigned = report.findings.filter(({ kind }) => kind === 'unsigned').map(({ stream }) => stream);
    expect(unsigned.filter((id) => seen.has(id))).toEqual([]);
    const torn = killed.filter(({ isTorn }) => isTorn).length;
    const twice = [...sink.received.values()].filter((times) => times > 1).length;
    figure(
      `kill -9, ${RUNS} times: ${told} records whose write had returned, ${told} whole in the journal, ` +
        `${told} at the sink (${twice} more than once); ${died.length} streams with records died, ${torn} with a torn line, ` +
        `${recovered.size} reported as recovered; verify: ${report.records} records, none unsigned but the last worker's`,
    );
  },
  60_000 + RUNS * 6_000,
);
