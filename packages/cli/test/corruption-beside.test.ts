import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listStreams, loadCursor, unacknowledgedCheckpoints } from '@botaudit/journal';
import { describe, expect, test } from 'vitest';
import { differs, judge, some, upTo, type Verdict, Victim } from './support/corruption.js';
import { count, journal, look, publicKeys, sound, streams, TIMEOUT } from './support/damaged-journal.js';

/*
 * Damages what stands beside the records and checkpoints of a journal, one at a time, and has it verified with the public
 * key each time; by default a sample, as in corruption.test.ts.
 */

describe('what stands beside', () => {
  test('a stream’s description: damage to it is told, or changes nothing that is verified', {
    timeout: TIMEOUT,
  }, () => {
    for (const { directory } of streams) {
      const victim = new Victim(join(directory, 'stream.json'));
      const bits = some(upTo(victim.size * 8), 100);
      for (const bit of bits) expectSound(victim.withBitTurned(bit >> 3, bit & 7, look));
      const cuts = some(upTo(victim.size), 30);
      for (const cut of cuts) expectSound(victim.withCutAt(cut, look));
      victim.close();
      count('stream.json', [...bits, ...cuts]);
    }
  });

  /** The records and what is found of them are the same; or it is told that the stream could not be verified. */
  function expectSound({ report, said }: Verdict): void {
    const isUnchecked = report.findings.some(({ kind }) => kind === 'unchecked');
    if (isUnchecked) expect(report.intact).toBe(false);
    else expect({ ...report, said: said.length > 1 }).toEqual({ ...sound.report, said: false });
  }

  test('what was acknowledged: where the note of it is damaged, all is sent again', { timeout: TIMEOUT }, () => {
    for (const { directory } of streams) {
      const before = loadCursor(directory);
      expect(before).toBeDefined();
      expect(unacknowledgedCheckpoints(directory)).toEqual([]);
      for (const name of ['cursor.json', 'checkpoint-cursor.json']) {
        const victim = new Victim(join(directory, name));
        const damages = [
          ...some(upTo(victim.size * 8), 150).map((bit) => () => victim.withBitTurned(bit >> 3, bit & 7, acknowledged)),
          ...some(upTo(victim.size), 60).map((cut) => () => victim.withCutAt(cut, acknowledged)),
        ];
        function acknowledged() {
          return { cursor: loadCursor(directory), checkpoints: unacknowledgedCheckpoints(directory) };
        }
        for (const damage of damages) {
          const { cursor, checkpoints } = damage();
          expect(cursor === undefined || JSON.stringify(cursor) === JSON.stringify(before)).toBe(true);
          expect([0, streams.find((stream) => stream.directory === directory)!.checkpoints.length]).toContain(
            checkpoints.length,
          );
        }
        victim.close();
        count(name, damages);
      }
    }
  });

  test('all other files: verification does not look at them', () => {
    const names = [
      'lock',
      'adopt.lock',
      'recovered.json',
      'metrics.json',
      'cursor.json',
      'checkpoint-cursor.json',
      'rejected.ndjson',
    ];
    for (const content of ['', 'garbage', '\u0000'.repeat(5_000), '{"formatVersion":99}']) {
      const copy = join(journal.folder, 'copy');
      cpSync(journal.directory, copy, { recursive: true });
      for (const { streamId, directory } of listStreams(copy)) {
        for (const name of names) writeFileSync(join(directory, name), `${content}${streamId}`);
      }
      for (const name of ['named.json', 'arguments.key', 'signing.key', 'signing.pub', '.gitignore']) {
        writeFileSync(join(copy, name), content);
      }
      expect(differs(judge(copy, publicKeys), sound)).toBe(false);
      for (const { directory } of listStreams(copy)) for (const name of names) rmSync(join(directory, name));
      expect(differs(judge(copy, publicKeys), sound)).toBe(false);
      rmSync(copy, { recursive: true });
    }
    expect(existsSync(join(journal.directory, 'streams'))).toBe(true);
  });
});
