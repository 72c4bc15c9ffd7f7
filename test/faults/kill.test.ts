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

test(
  `killed ${RUNS} times in the middle of load: every record whose write returned is whole, shipped and accounted for`,
  async () => {
    const folder = await temporaryFolder();
    const directory = join(folder, 'journal');
    const sink = await startSink();
    const env = { ...sink.env, BOTAUDIT_DIR: directory, BOTAUDIT_METRICS: 'off', BOTAUDIT_MAX_BYTES: '64 GiB' };

    const told = new Set<string>();
    const killed: StreamOnDisk[] = [];
    const seen = new Set<string>();
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
        killed.push(stream);
      }
      for (const id of child.written) told.add(id);
    }

    const last = startLoad(env, folder);
    const missing = () => [...told].filter((id) => !sink.received.has(id)).length;
    await eventually('all records at the sink', () => missing() === 0 || undefined, 120_000);
    const recovered = await eventually('a report of each recovery', async () => {
      const records = (await readJournal(directory)).flatMap((stream) => stream.records);
      const reports = records.filter((one) => one.eventName === 'audit.stream.recovered');
      const named = new Set(reports.map((one) => one.attributes[ATTR_AUDIT_TARGET_ID]));
      return killed.every(({ id, records }) => records.length === 0 || named.has(`stream:${id}`))
        ? named.size
        : undefined;
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
    const died = killed.filter((stream) => stream.records.length > 0).length;
    const torn = killed.filter((stream) => stream.torn.length > 0).length;
    const twice = [...sink.received.values()].filter((times) => times > 1).length;
    figure(
      `kill -9, ${RUNS} times: ${told.size} records whose write had returned, ${told.size} whole in the journal, ` +
        `${told.size} at the sink (${twice} more than once); ${died} streams with records died, ${torn} with a torn line, ` +
        `${recovered} reported as recovered; verify: ${report.records} records, none unsigned but the last worker's`,
    );
  },
  60_000 + RUNS * 6_000,
);
