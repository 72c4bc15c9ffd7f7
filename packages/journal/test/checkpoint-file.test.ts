import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  acknowledgeCheckpoint,
  adoptable,
  CHECKPOINTS_FILE,
  CheckpointFile,
  cursorAfter,
  JournalWriteError,
  readCheckpointLines,
  saveCursor,
  unacknowledgedCheckpoints,
} from '../src/index.js';
import { canMount, mountOnly, succeeds } from './child.js';
import { afterwards, openWriter, readAll, sampleLines, temporaryFolder } from './sample.js';

const fileIn = (folder: string) => join(folder, CHECKPOINTS_FILE);
const lines = (count: number, size = 10) =>
  Array.from({ length: count }, (_, index) => `checkpoint ${index + 1}`.padEnd(size, '.'));

describe('a file of checkpoints', () => {
  it('holds a line for each, readable by its owner alone unless the group may', () => {
    for (const [groupRead, mode] of [
      [false, 0o600],
      [true, 0o640],
    ] as const) {
      const folder = temporaryFolder();
      const file = new CheckpointFile(folder, { groupRead });
      expect(readCheckpointLines(folder)).toEqual([]);
      for (const line of lines(3)) file.append(line);
      expect(readFileSync(file.path, 'utf8')).toBe('checkpoint 1\ncheckpoint 2\ncheckpoint 3\n');
      expect(readCheckpointLines(folder)).toEqual(lines(3));
      expect(statSync(file.path).mode & 0o777).toBe(mode);
    }
  });

  it.each<[string, (path: string) => void, string[]]>([
    ['was cut off within a line', (path) => truncateSync(path, 20), ['checkpoint 1', 'next']],
    ['ends within a line', (path) => appendFileSync(path, '{"torn'), ['checkpoint 1', 'checkpoint 2', 'next']],
    ['was removed', (path) => rmSync(path), ['next']],
  ])('that %s goes on after its whole lines', (_, damage, expected) => {
    const folder = temporaryFolder();
    const file = new CheckpointFile(folder);
    for (const line of lines(2)) file.append(line);
    damage(file.path);
    file.append('next');
    expect(readFileSync(file.path, 'utf8')).toBe(`${expected.join('\n')}\n`);
    file.append('and another');
    expect(readCheckpointLines(folder)).toEqual([...expected, 'and another']);
  });

  it('does not grow without end: the older half goes when it is long', () => {
    const folder = temporaryFolder();
    const file = new CheckpointFile(folder);
    const all = lines(2_000, 1_000);
    let longest = 0;
    for (const line of all) {
      file.append(line);
      longest = Math.max(longest, statSync(file.path).size);
    }
    expect(longest).toBeLessThanOrEqual(512 * 1024);
    const kept = readCheckpointLines(folder);
    expect(kept.length).toBeGreaterThan(200);
    expect(kept).toEqual(all.slice(-kept.length));
    expect(readdirSync(folder)).toEqual([CHECKPOINTS_FILE]);
  });

  it('takes no line while its folder is gone, and goes on when it is there again', () => {
    const folder = join(temporaryFolder(), 'stream');
    const file = new CheckpointFile(folder);
    expect(() => file.append('one')).toThrow(JournalWriteError);
    mkdirSync(folder);
    file.append('one');
    rmSync(folder, { recursive: true });
    expect(() => file.append('two')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    mkdirSync(folder);
    file.append('two');
    expect(readCheckpointLines(folder)).toEqual(['two']);
  });

  it('never writes through a link', () => {
    const folder = temporaryFolder();
    const elsewhere = join(folder, 'elsewhere');
    writeFileSync(elsewhere, 'precious');
    symlinkSync(elsewhere, fileIn(folder));
    expect(() => new CheckpointFile(folder).append('one')).toThrow(JournalWriteError);
    expect(readFileSync(elsewhere, 'utf8')).toBe('precious');
    expect(readCheckpointLines(folder)).toEqual([]);
  });

  it.skipIf(!canMount)(`holds whole lines only, whenever the disk is full${mountOnly}`, () => {
    const folder = temporaryFolder();
    expect(succeeds('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder])).toBe(true);
    afterwards(() => succeeds('umount', ['-l', folder]));
    const ballast = join(folder, 'ballast');
    writeFileSync(ballast, Buffer.alloc(20_000));
    const file = new CheckpointFile(folder);
    const appended: string[] = [];
    for (const line of lines(300, 1_000)) {
      try {
        file.append(line);
        appended.push(line);
      } catch (error) {
        expect(error).toMatchObject({ name: 'JournalWriteError', code: 'ENOSPC' });
        expect(readFileSync(file.path, 'utf8')).toBe(appended.map((each) => `${each}\n`).join(''));
        break;
      }
    }
    expect(appended.length).toBeGreaterThan(5);
    expect(appended.length).toBeLessThan(100);
    rmSync(ballast);
    file.append('room again');
    expect(readCheckpointLines(folder)).toEqual([...appended, 'room again']);
  });
});

describe('what is acknowledged of checkpoints', () => {
  const [one, two, three] = lines(3) as [string, string, string];
  const folderWith = (...all: string[]) => {
    const folder = temporaryFolder();
    const file = new CheckpointFile(folder);
    for (const line of all) file.append(line);
    return folder;
  };

  it('is remembered by the checkpoint itself, so that what went from the front does not matter', () => {
    const folder = folderWith(one, two, three);
    expect(unacknowledgedCheckpoints(folder)).toEqual([one, two, three]);
    acknowledgeCheckpoint(folder, two);
    expect(unacknowledgedCheckpoints(folder)).toEqual([three]);
    writeFileSync(fileIn(folder), `${two}\n${three}\n`);
    expect(unacknowledgedCheckpoints(folder)).toEqual([three]);
    acknowledgeCheckpoint(folder, three);
    expect(unacknowledgedCheckpoints(folder)).toEqual([]);
  });

  it.each(['', 'garbage', '{}', '{"hash":7}', '{"hash":"another"}', 'null'])(
    'starts over where the note of it says %j',
    (text) => {
      const folder = folderWith(one, two);
      acknowledgeCheckpoint(folder, two);
      const [note] = readdirSync(folder).filter((name) => name.includes('cursor'));
      writeFileSync(join(folder, note!), text);
      expect(unacknowledgedCheckpoints(folder)).toEqual([one, two]);
    },
  );

  it('keeps a stream from being done with', () => {
    const directory = temporaryFolder();
    const writer = openWriter(directory);
    for (const line of sampleLines(2)) writer.append(line);
    writer.close();
    const folder = writer.streamDirectory;
    const cursor = cursorAfter(readAll(folder).at(-1)!);
    saveCursor(folder, cursor);
    expect(adoptable(directory)).toMatchObject([{ unacknowledged: false }]);
    new CheckpointFile(folder).append(one);
    expect(adoptable(directory)).toMatchObject([{ unacknowledged: true }]);
    acknowledgeCheckpoint(folder, one);
    expect(adoptable(directory)).toMatchObject([{ unacknowledged: false }]);
  });
});
