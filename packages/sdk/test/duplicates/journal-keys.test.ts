import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { compressedName, segmentName } from '@botaudit/journal';
import { updateKey } from '@botaudit/record';
import { expect, test } from 'vitest';
import { JournalKeys } from '../../src/duplicates/journal-keys.js';
import { DuplicateMemory } from '../../src/duplicates/memory.js';
import { directory, event, start } from '../running-backend.js';

const attributes = (id: string, more: Record<string, unknown> = {}) => ({
  'bot.id': 'telegram:7',
  'bot.framework': 'grammy',
  'bot.update.id': id,
  'bot.update.type': 'message',
  ...more,
});
const command = (id: string, more?: Record<string, unknown>) =>
  event({ name: 'bot.command', action: 'EXECUTE', attributes: attributes(id, more) });
const keyOf = (id: string) => updateKey('telegram:7', id, 'message') as string;

/** What another process knows of the folder. */
function reader() {
  const memory = new DuplicateMemory();
  const late: string[] = [];
  const errors: unknown[] = [];
  const keys = new JournalKeys({
    directory,
    own: 'another',
    memory,
    onLate: ({ name, kind, framework }) => late.push(`${framework} ${name} ${kind}`),
    onError: (error) => errors.push(error),
  });
  return { memory, late, errors, keys };
}

test('what another process does meanwhile is known a little later', () => {
  const backend = start();
  const first = backend.write(command('1'));
  const { memory, keys, errors } = reader();
  keys.finish();
  expect(memory.get(keyOf('1'), Date.now())).toMatchObject({ recordId: first, isOwn: false });
  const second = backend.write(command('2'));
  expect(memory.get(keyOf('2'), Date.now())).toBeUndefined();
  keys.follow();
  expect(memory.get(keyOf('2'), Date.now())).toMatchObject({ recordId: second });
  backend.write(command('3'));
  keys.follow();
  expect(memory.get(keyOf('3'), Date.now())).toBeDefined();
  expect(errors).toEqual([]);
});

test('a process that begins meanwhile is followed too', () => {
  const { memory, keys } = reader();
  keys.finish();
  start().write(command('1'));
  keys.follow();
  expect(memory.get(keyOf('1'), Date.now())).toBeDefined();
});

test('what two processes did at the same moment is told by the one that was second, once', () => {
  const backend = start();
  const { memory, late, keys } = reader();
  keys.finish();
  backend.write(command('1'));
  const own = { at: Date.now() + 1000, isOwn: true, recordId: 'own', isDone: true };
  memory.keep(keyOf('1'), own);
  // Here this process was first.
  memory.keep(keyOf('2'), { ...own, at: Date.now() - 1000 });
  backend.write(command('2'));
  // Here the other one has known of it.
  memory.keep(keyOf('3'), own);
  backend.write(command('3', { 'bot.duplicate': true }));
  keys.follow();
  keys.follow();
  expect(late).toEqual(['grammy bot.command update']);
  expect(memory.get(keyOf('1'), Date.now())).toBe(own);
});

test('a folder without streams, and lines that are no records, teach nothing', () => {
  const { keys, errors } = reader();
  keys.start();
  keys.finish();
  keys.follow();
  keys.stop();
  expect(errors).toEqual([]);
});

const MIB = 1024 * 1024;

/** Lines of updates that take `bytes`, with these ids and the ones between them. */
function linesOf(bytes: number, first: number, last: number): Buffer {
  const count = last - first + 1;
  const lines = Array.from({ length: count }, (_, index) => {
    const line = JSON.stringify({
      Attributes: {
        'audit.outcome': { stringValue: 'success' },
        'audit.record.id': { stringValue: `record-${first + index}` },
        'bot.id': { stringValue: 'telegram:7' },
        'bot.update.id': { stringValue: String(first + index) },
        'bot.update.type': { stringValue: 'message' },
      },
      EventName: 'bot.command',
      ObservedTimestamp: `${Date.now()}000000`,
    });
    return `${line.padEnd(Math.floor(bytes / count) - 1)}\n`;
  });
  return Buffer.from(lines.join(''));
}

test.each([
  ['compressed', true],
  ['written to', false],
])('of a segment that is %s the last 16 MiB of lines are read, and nothing before', (_, isCompressed) => {
  const folder = join(directory, 'streams', 'large');
  mkdirSync(folder, { recursive: true });
  const parts = [linesOf(12 * MIB, 1, 120), linesOf(12 * MIB, 121, 240)];
  if (isCompressed) {
    writeFileSync(join(folder, compressedName(1)), Buffer.concat(parts.map((part) => zstdCompressSync(part))));
  } else writeFileSync(join(folder, segmentName(1)), Buffer.concat(parts));
  const { memory, keys, errors } = reader();
  keys.finish();
  expect(memory.get(keyOf('240'), Date.now())).toMatchObject({ recordId: 'record-240' });
  expect(memory.get(keyOf('90'), Date.now())).toBeDefined();
  expect(memory.get(keyOf('70'), Date.now())).toBeUndefined();
  expect(errors).toEqual([]);
});

test('a segment that is damaged keeps nothing of the others from being known', () => {
  const damaged = join(directory, 'streams', 'damaged');
  mkdirSync(damaged, { recursive: true });
  writeFileSync(join(damaged, compressedName(1)), 'none of Zstandard');
  mkdirSync(join(damaged, segmentName(2)));
  const first = start().write(command('1'));
  const { memory, keys } = reader();
  keys.finish();
  expect(memory.get(keyOf('1'), Date.now())).toMatchObject({ recordId: first });
});
