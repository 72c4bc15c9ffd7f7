import { hash } from 'node:crypto';
import { parseRecord } from '@botaudit/record';
import { describe, expect, it } from 'vitest';
import { isAlive, readRaw, recoverStream } from '../src/index.js';
import { Child } from './child.js';
import { readAll, temporaryFolder } from './sample.js';

const KILLS = 20;

describe('a writer that is killed', () => {
  it('leaves every record whose append returned, whole and chained, whenever it was killed', {
    timeout: 60_000,
  }, async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const child = Child.node('write.mjs', [temporaryFolder(), JSON.stringify({ segmentMaxBytes: 65_536 })]);
      await child.printed(1 + Math.ceil(Math.random() * 2000));
      await child.kill();

      const [streamDirectory = '', ...acknowledged] = child.lines;
      const found = readAll(streamDirectory);
      // One more may have been written and not yet acknowledged.
      expect(found.length - acknowledged.length).toBeOneOf([0, 1]);
      let previous: string | undefined;
      for (const [index, { line, number }] of found.entries()) {
        expect(number).toBe(index + 1);
        expect(parseRecord(line).attributes['audit.sequence.previous_hash']).toBe(previous);
        previous = hash('sha256', line);
      }
      expect(isAlive(streamDirectory)).toBe(false);
      const recovery = recoverStream({ streamId: 'any', directory: streamDirectory });
      expect(recovery).toMatchObject({ records: found.length, damagedLines: 0, closed: false });
      expect(recovery.tip).toEqual({ number: found.length, hash: previous });
    }
  });

  it('leaves whole lines only, but for the end of the last segment', async () => {
    const child = Child.node('write.mjs', [temporaryFolder(), '{"segmentMaxBytes":65536}']);
    await child.printed(300);
    await child.kill();
    const lines = [...readRaw(child.lines[0]!)];
    expect(lines.at(-1)?.segment).toBeGreaterThan(2);
    for (const { terminated, text } of lines.slice(0, -1)) {
      expect(terminated).toBe(true);
      expect(() => parseRecord(text!)).not.toThrow();
    }
  });
});
