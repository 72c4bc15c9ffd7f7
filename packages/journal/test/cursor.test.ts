import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Cursor, cursorAfter, loadCursor, StreamReader, saveCursor } from '../src/index.js';
import { openWriter, readAll, sampleLines, temporaryFolder } from './sample.js';

function streamOf(count: number): { folder: string; cursors: Cursor[] } {
  const writer = openWriter(temporaryFolder(), { segmentMaxBytes: 1500 });
  for (const line of sampleLines(count)) writer.append(line);
  return { folder: writer.streamDirectory, cursors: readAll(writer.streamDirectory).map(cursorAfter) };
}

describe('a cursor', () => {
  it('is found again as it was stored, and the next record is the one after it', () => {
    const { folder, cursors } = streamOf(10);
    for (const cursor of cursors) {
      saveCursor(folder, cursor);
      expect(loadCursor(folder)).toEqual(cursor);
      const reader = new StreamReader(folder, { from: loadCursor(folder) });
      expect(reader.read(1)[0]?.number).toBe(cursor.number === 10 ? undefined : cursor.number + 1);
      reader.close();
    }
    expect(statSync(join(folder, 'cursor.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('holds what the design says, and nothing else', () => {
    const { folder, cursors } = streamOf(1);
    saveCursor(folder, { ...cursors[0]!, more: 'x' } as Cursor);
    expect(Object.keys(JSON.parse(readFileSync(join(folder, 'cursor.json'), 'utf8')))).toEqual([
      'segment',
      'offset',
      'number',
      'hash',
    ]);
  });

  it('starts over where it does not fit the journal, is past its end, or is no cursor', () => {
    const { folder, cursors } = streamOf(6);
    const good = cursors[3]!;
    const wrong: unknown[] = [
      { ...good, offset: good.offset + 1 },
      { ...good, offset: good.offset - 1 },
      { ...good, offset: 1e12 },
      { ...good, offset: 0 },
      { ...good, offset: -5 },
      { ...good, offset: 1.5 },
      { ...good, segment: 99 },
      { ...good, segment: good.segment - 1 },
      { ...good, number: good.number + 1 },
      { ...good, hash: cursors[2]!.hash },
      { ...good, hash: undefined },
      { ...good, hash: 7 },
      [good],
      null,
      'x',
    ];
    for (const content of wrong) {
      writeFileSync(join(folder, 'cursor.json'), JSON.stringify(content) ?? '');
      expect(loadCursor(folder), JSON.stringify(content)).toBeUndefined();
    }
    for (const content of ['', '{', '\0'.repeat(50), Buffer.from([0xff]), 'x'.repeat(2_000_000)]) {
      writeFileSync(join(folder, 'cursor.json'), content);
      expect(loadCursor(folder)).toBeUndefined();
    }
    rmSync(join(folder, 'cursor.json'));
    expect(loadCursor(folder)).toBeUndefined();
    saveCursor(folder, good);
    expect(loadCursor(folder)).toEqual(good);
  });

  it('starts over with what remains when its segment was removed', () => {
    const { folder, cursors } = streamOf(6);
    saveCursor(folder, cursors[1]!);
    const last = cursors.at(-1)!.segment;
    for (let segment = 1; segment < last; segment++) rmSync(join(folder, `0000000${segment}.ndjson`));
    expect(loadCursor(folder)).toBeUndefined();
    expect(readAll(folder)[0]?.segment).toBe(last);
  });
});
