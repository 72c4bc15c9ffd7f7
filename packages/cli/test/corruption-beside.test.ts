import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { listStreams, loadCursor, unacknowledgedCheckpoints } from '@botaudit/journal';
import { describe, expect, test } from 'vitest';
import { differs, judge, some, upTo, type Verdict, Victim } from './support/corruption.js';
import { journal, look, NONE, publicKeys, sound, streams, TIMEOUT, tryAll } from './support/damaged-journal.js';

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
      const turned = tryAll('stream.json: bits turned', some(upTo(victim.size * 8), 100), (bit) =>
        outcome(victim.withBitTurned(bit >> 3, bit & 7, look)),
      );
      const cut = tryAll('stream.json: cut off', some(upTo(victim.size), 30), (length) =>
        outcome(victim.withCutAt(length, look)),
      );
      victim.close();
      expect({ turned, cut }).toEqual({ turned: NONE, cut: NONE });
    }
  });

  /** The records and what is found of them are the same; or it is told that the stream could not be verified. */
  function outcome({ report, said }: Verdict) {
    if (report.findings.some(({ kind }) => kind === 'unchecked')) return report.intact ? 'missed' : 'detected';
    if (!isDeepStrictEqual(report, sound.report) || said.length > 1) return 'missed';
    return said.length > 0 ? 'detected' : 'without effect';
  }

  test('what was acknowledged: where the note of it is damaged, all is sent again', { timeout: TIMEOUT }, () => {
    for (const { directory } of streams) {
      const before = loadCursor(directory);
      expect(before).toBeDefined();
      expect(unacknowledgedCheckpoints(directory)).toEqual([]);
      for (const name of ['cursor.json', 'checkpoint-cursor.json']) {
        const victim = new Victim(join(directory, name));
        const all = streams.find((stream) => stream.directory === directory)!.checkpoints.length;
        const acknowledged = () => {
          const cursor = loadCursor(directory);
          if (cursor !== undefined && !isDeepStrictEqual(cursor, before)) return 'missed';
          const checkpoints = unacknowledgedCheckpoints(directory).length;
          if (checkpoints !== 0 && checkpoints !== all) return 'missed';
          return cursor === undefined || checkpoints === all ? 'detected' : 'without effect';
        };
        const turned = tryAll(`${name}: bits turned`, some(upTo(victim.size * 8), 150), (bit) =>
          victim.withBitTurned(bit >> 3, bit & 7, acknowledged),
        );
        const cut = tryAll(`${name}: cut off`, some(upTo(victim.size), 60), (length) =>
          victim.withCutAt(length, acknowledged),
        );
        victim.close();
        expect({ turned, cut }).toEqual({ turned: NONE, cut: NONE });
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
