import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addTimestamp, JournalWriteError, readTimestamps } from '../src/index.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'botaudit-timestamps-'));
  path = join(folder, 'timestamps.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true }));

const some = (checkpoint: string) => ({ checkpoint, token: 'AAAA' });

test('timestamps are read as they were added; a file that is not there holds none', () => {
  expect([...readTimestamps(path)]).toEqual([]);
  addTimestamp(path, some('{"a":1}'));
  addTimestamp(path, some('b'));
  expect([...readTimestamps(path)]).toEqual([some('{"a":1}'), some('b')]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('what was cut off, and what is none, is told by its line and spoils no other', () => {
  addTimestamp(path, some('a'));
  appendFileSync(path, '{"checkpoint":"b"');
  addTimestamp(path, some('c'));
  appendFileSync(path, '{"checkpoint":1,"token":"AAAA"}\n');
  expect([...readTimestamps(path)]).toEqual([
    some('a'),
    { problem: 'line 2 is no timestamp' },
    some('c'),
    { problem: 'line 4 is no timestamp' },
  ]);
});

test('nothing is written through a link', () => {
  const elsewhere = join(folder, 'elsewhere');
  writeFileSync(elsewhere, 'mine\n');
  symlinkSync(elsewhere, path);
  expect(() => addTimestamp(path, some('a'))).toThrow(JournalWriteError);
  expect(readFileSync(elsewhere, 'utf8')).toBe('mine\n');
});
