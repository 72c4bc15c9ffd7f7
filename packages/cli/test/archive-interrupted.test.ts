import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { canMount, mountOnly, succeeds } from '../../journal/test/child.js';
import { archiveOf, filesIn } from './support/archive.js';
import { Running } from './support/botaudit.js';
import { TestJournal } from './support/test-journal.js';

const SEGMENTS = 500;

let journal: TestJournal;
let unmount: (() => void) | undefined;
beforeEach(() => {
  journal = new TestJournal();
  unmount = undefined;
});
afterEach(() => {
  unmount?.();
  journal.remove();
});

/** A stream of so many segments. Returns the folder that an archive has for it. */
function write(segments: number, target: string): string {
  const stream = journal.open(undefined, { segmentMaxBytes: 1 });
  for (let i = 2; i < segments; i++) stream.write({ body: { text: 'x'.repeat(2000) } });
  stream.close();
  return join(target, 'streams', stream.id);
}

const countIn = (folder: string) => (existsSync(folder) ? readdirSync(folder).length : 0);

test('killed in the middle, it goes on where it was; nothing is there twice, or half', async () => {
  const { archive, check, target } = archiveOf(journal);
  const folder = write(SEGMENTS, target);
  const running = new Running(['archive', '--dir', journal.directory, '--to', target]);
  // The first page of the catalogue is there, with the stream's description and 99 segments; the second is not.
  await running.until(() => countIn(folder) > 130);
  running.child.kill('SIGKILL');
  expect((await running.ended).signal).toBe('SIGKILL');
  expect(countIn(folder)).toBeLessThan(SEGMENTS);

  const { code, stdout } = await archive('--json');
  expect(code).toBe(0);
  const { archived, known, problems } = JSON.parse(stdout);
  expect(archived + known).toBe(SEGMENTS);
  expect(known).toBeGreaterThanOrEqual(99);
  expect(problems).toEqual([]);
  const there = filesIn(folder);
  for (const [name, sha256] of Object.entries(filesIn(join(journal.directory, 'streams'))).filter(([name]) =>
    name.endsWith('.ndjson'),
  )) {
    expect(there[name.split('/')[1]!], name).toBe(sha256);
  }
  expect((await check()).stdout).toMatch(new RegExp(`^consistent \\(unsigned\\): 1 stream, ${SEGMENTS} records`, 'm'));
});

test('told to stop, it ends after the object that is under way, and the next run does the rest', async () => {
  const { archive, target } = archiveOf(journal);
  const folder = write(SEGMENTS, target);
  const running = new Running(['archive', '--dir', journal.directory, '--to', target, '--json']);
  await running.until(() => countIn(folder) > 30);
  running.child.kill('SIGTERM');
  const { code, stdout } = await running.ended;
  expect(code).toBe(2);
  const { archived } = JSON.parse(stdout);
  expect(archived).toBeLessThan(SEGMENTS);
  expect(JSON.parse((await archive('--json')).stdout)).toMatchObject({
    known: archived,
    archived: SEGMENTS - archived,
  });
});

test.skipIf(!canMount)(
  `on a full disk it says so, leaves nothing half, and goes on when there is room${mountOnly}`,
  async () => {
    const { archive, check, target } = archiveOf(journal);
    mkdirSync(target);
    const mount = (options: string) => succeeds('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', target]);
    expect(mount('size=512k')).toBe(true);
    unmount = () => succeeds('umount', ['-l', target]);
    const folder = write(200, target);
    const full = await archive('--json');
    expect(full).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/no space is left there \(ENOSPC\)/),
    });
    const left = readdirSync(folder);
    expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);

    expect(mount('remount,size=16m')).toBe(true);
    expect(JSON.parse((await archive('--json')).stdout)).toMatchObject({ complete: true, problems: [] });
    expect((await check()).stdout).toMatch(/^consistent \(unsigned\): 1 stream, 200 records/m);
  },
);
