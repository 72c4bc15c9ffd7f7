import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Claim, Claims, type Held } from '../../src/duplicates/claims.js';

const HOUR_MS = 3_600_000;

let directory: string;
let now: number;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'botaudit-claims-'));
  now = Date.now();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const NOTE = { event: 'payment.transfer', kind: 'key', stream: 's', pid: 1 };
const claims = (most?: number) => new Claims(directory, () => now, most);

function taken(key: string, by = claims()): Claim {
  const claim = by.take(key, NOTE);
  if (!(claim instanceof Claim)) throw new Error('it is claimed already');
  return claim;
}

function held(key: string, by = claims()): Held {
  const claim = by.take(key, NOTE);
  if (claim instanceof Claim) throw new Error('it was free');
  return claim;
}

const files = () =>
  readdirSync(join(directory, 'claims'), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('/'));

test('a key is claimed once, and whoever comes second is told what is known of the first', () => {
  const first = taken('a');
  first.note({ recordId: 'r1' });
  expect(held('a')).toMatchObject({ id: first.id, recordId: 'r1', event: 'payment.transfer', pid: 1 });
  expect(held('a').outcome).toBeUndefined();
  first.note({ outcome: 'success' });
  expect(held('a')).toMatchObject({ outcome: 'success', recordId: 'r1' });
  taken('b');
});

test('what was not carried out can be claimed again', () => {
  taken('a').drop();
  taken('a');
  expect(() => taken('a')).toThrow('claimed already');
});

test('a claim runs out after a day, and not before, wherever midnight lies', () => {
  const start = now;
  taken('a');
  for (let hour = 1; hour < 24; hour++) {
    now = start + hour * HOUR_MS;
    held('a');
  }
  now = start + 24 * HOUR_MS + 60_000;
  taken('a');
});

test('a clock that is set back, or forward and back, lets nothing happen twice', () => {
  taken('a');
  now -= 72 * HOUR_MS;
  held('a');
  now += 95 * HOUR_MS;
  taken('b');
  now -= 23 * HOUR_MS;
  held('a');
  held('b');
});

test('a claim that another process makes in the folder of another day, in between, is seen', () => {
  const today = Math.floor(now / (24 * HOUR_MS));
  const first = taken('a');
  // As if it had been made at the turn of the day, after it was looked there.
  const folder = join(directory, 'claims', String(today + 1));
  mkdirSync(folder);
  const looks = claims();
  writeFileSync(join(folder, first.id), '');
  first.drop();
  expect(held('a', looks).id).toBe(first.id);
  expect(files()).toEqual([`${today + 1}/${first.id}`]);
});

test.each(['../../etc/passwd', 'a/b', '\0', '.', '', 'x'.repeat(100_000), '💸\ud800'])(
  'a key may hold anything: %j',
  (key) => {
    taken(key);
    held(key);
    expect(files()).toHaveLength(1);
    expect(files()[0]).toMatch(/^\d+\/[0-9a-f]{64}$/);
  },
);

test('only its owner can read a claim', () => {
  taken('a');
  const [name = ''] = files();
  expect(statSync(join(directory, 'claims', name)).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, 'claims')).mode & 0o777).toBe(0o700);
});

test('a claim that says nothing, or nonsense, is one all the same', () => {
  const { id } = taken('a');
  for (const text of ['', '{"eve', 'null\n7\n', '[]']) {
    writeFileSync(join(directory, 'claims', files()[0] as string), text);
    expect(held('a').id).toBe(id);
  }
});

test('who can not claim is told', () => {
  writeFileSync(join(directory, 'claims'), '');
  expect(() => claims().take('a', NOTE)).toThrow(/ENOTDIR/);
});

test('one that is released by hand can be claimed again, and what the journal tells of it does not count', () => {
  const { id } = taken('a');
  expect(claims().isReleased('a')).toBe(false);
  expect(claims().release(id)).toBe(true);
  expect(claims().isReleased('a')).toBe(true);
  expect(claims().release(id)).toBe(false);
  taken('a');
});

test('what is out of date is removed, with the folders of days gone by', () => {
  const { id } = taken('a');
  const old = join(directory, 'claims', String(Math.floor(now / (24 * HOUR_MS)) - 3));
  mkdirSync(old);
  const stale = join(old, id.replaceAll(/./g, '0'));
  writeFileSync(stale, '');
  utimesSync(stale, new Date(now - 72 * HOUR_MS), new Date(now - 72 * HOUR_MS));
  taken('b');
  expect(existsSync(old)).toBe(false);
  held('a');
});

test('of too many the oldest go', () => {
  const most = claims(100);
  for (let count = 0; count < 150; count++) {
    const { id } = taken(`key ${count}`, most);
    const path = join(directory, 'claims', files().find((name) => name.endsWith(id)) as string);
    utimesSync(path, new Date(now - 1_000_000 + count * 1000), new Date(now - 1_000_000 + count * 1000));
  }
  taken('one more', claims(100));
  expect(files()).toHaveLength(91);
  held('key 149');
  taken('key 0');
});

test('all that hold are listed, the latest last', () => {
  taken('a').note({ recordId: 'r1', outcome: 'success' });
  now += 1000;
  taken('b');
  expect(
    claims()
      .list()
      .map(({ event, recordId, outcome }) => [event, recordId, outcome]),
  ).toEqual([
    ['payment.transfer', 'r1', 'success'],
    ['payment.transfer', undefined, undefined],
  ]);
  now += 25 * HOUR_MS;
  expect(claims().list()).toEqual([]);
});
