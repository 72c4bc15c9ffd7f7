import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isNetworkFileSystem, JournalFormatError, listStreams, type StreamEntry } from '../src/index.js';
import { Child, isRoot, rootOnly } from './child.js';
import { openWriter, sampleLines, streamInfo, temporaryFolder } from './sample.js';

const byName = (directory: string) =>
  new Map<string, StreamEntry>(listStreams(directory).map((entry) => [entry.streamId, entry]));

describe('listing streams', () => {
  it('gives their description and segments, in the order of their names', () => {
    const directory = temporaryFolder();
    expect(listStreams(directory)).toEqual([]);
    const writers = [openWriter(directory), openWriter(directory, { segmentMaxBytes: 1 })];
    for (const line of sampleLines(3)) for (const writer of writers) writer.append(line);
    const entries = byName(directory);
    expect([...entries.keys()]).toEqual(writers.map(({ streamDirectory }) => basename(streamDirectory)).sort());
    const entry = entries.get(basename(writers[1]!.streamDirectory));
    expect(entry).toEqual({
      streamId: entry!.streamId,
      directory: writers[1]!.streamDirectory,
      info: { ...streamInfo(entry!.streamId), locked: true },
      segments: [1, 2, 3],
    });
  });

  it('says what is wrong with a description, and still lists the stream', () => {
    const directory = temporaryFolder();
    const make = (name: string, description?: string | Uint8Array, segment = true) => {
      const folder = join(directory, 'streams', name);
      mkdirSync(folder, { recursive: true });
      if (description !== undefined) writeFileSync(join(folder, 'stream.json'), description);
      if (segment) writeFileSync(join(folder, '00000001.ndjson'), '');
    };
    make('garbage', Buffer.from([0xff, 0x00, 0x7b]));
    make('huge', 'x'.repeat(2_000_000));
    make('list', '[1]');
    make('missing');
    make('newer', '{"formatVersion":99,"shape":"unknown"}');
    make('other', JSON.stringify(streamInfo('another')));
    make('partial', '{"formatVersion":1,"streamId":"partial","pid":"1"}');
    make('beginning', undefined, false);
    const problems = [...byName(directory)].map(([name, { problem, segments }]) => {
      expect(problem).toBeInstanceOf(JournalFormatError);
      expect(segments).toEqual([1]);
      return [name, problem!.message.split('stream.json: ')[1]];
    });
    expect(problems).toEqual([
      ['garbage', 'is not the description of a stream'],
      ['huge', 'has 2000000 bytes; at most 1048576 are expected'],
      ['list', 'is not the description of a stream'],
      ['missing', 'is missing'],
      ['newer', 'has format version 99; this version of @botaudit/journal knows 1: update it'],
      ['other', 'describes another stream, another'],
      ['partial', 'pid must be a number'],
    ]);
    expect(byName(directory).get('newer')?.problem).toMatchObject({ newerVersion: 99 });
  });

  it('does not follow links, and takes files for nothing', () => {
    const directory = temporaryFolder();
    const { streamDirectory } = openWriter(directory);
    const streams = join(directory, 'streams');
    symlinkSync(streamDirectory, join(streams, 'link'));
    symlinkSync(streams, join(streams, 'loop'));
    symlinkSync('/nowhere', join(streams, 'dangling'));
    writeFileSync(join(streams, 'file'), '');
    expect(listStreams(directory).map((entry) => entry.directory)).toEqual([streamDirectory]);
  });

  it.skipIf(!isRoot)(
    `says of a folder that may not be read which it is, without a stack trace${rootOnly}`,
    async () => {
      const directory = temporaryFolder();
      chmodSync(directory, 0o755);
      const { streamDirectory } = openWriter(directory);
      chmodSync(join(directory, 'streams'), 0o755);
      const script = `
      import { listStreams, adoptable, enforceLimits } from '@botaudit/journal';
      const [entry] = listStreams(${JSON.stringify(directory)});
      console.log(entry.problem.name, entry.problem.message);
      console.log(adoptable(${JSON.stringify(directory)}).length);
      console.log(enforceLimits(${JSON.stringify(directory)}, { maxBytes: 0, minFreeBytes: 0 }).removed.length);`;
      const child = new Child(process.execPath, ['--input-type=module', '-e', script], {
        uid: 65534,
        gid: 65534,
        env: {},
        cwd: import.meta.dirname,
      });
      await child.printed(3);
      expect(child.lines).toEqual([`JournalReadError ${streamDirectory}: cannot be read (EACCES)`, '0', '0']);
    },
  );
});

describe('network file systems', () => {
  it('are told from local ones', () => {
    expect(isNetworkFileSystem(temporaryFolder())).toBe(false);
    expect(isNetworkFileSystem('/nowhere')).toBe(false);
  });
});
