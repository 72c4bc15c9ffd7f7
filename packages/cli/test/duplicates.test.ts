import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuplicateClaims } from '@botaudit/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { accessesIn, accessFolderOf } from './support/access-log.js';
import { botaudit, linesOf } from './support/botaudit.js';
import { TestJournal } from './support/test-journal.js';

let journal: TestJournal;
beforeEach(() => {
  journal = new TestJournal();
  journal.closed({});
});
afterEach(() => journal.remove());

const duplicates = (...args: string[]) => botaudit(['duplicates', ...args, '--dir', journal.directory]);

/** Claims a key, and says what is known of it. */
function claim(key: string, outcome?: 'success' | 'unknown'): string {
  const taken = new DuplicateClaims(journal.directory).take(key, {
    event: 'payment.transfer',
    kind: 'key',
    stream: 's1',
    pid: 7,
  });
  if ('note' in taken) taken.note({ recordId: `record-of-${key}`, ...(outcome && { outcome }) });
  return taken.id;
}

test('lists what is claimed, with what is known of how it ended', async () => {
  const a = claim('a', 'success');
  const claimed = Date.now();
  // The list is in order of time.
  while (Date.now() === claimed);
  const b = claim('b');
  const { code, stdout, stderr } = await duplicates('list');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(linesOf(stdout).map((line) => line.replace(/\S+T\S+Z/, 'TIME').split(/ +/))).toEqual([
    [a.slice(0, 12), 'TIME', 'done', 'payment.transfer', 'record', 'record-of-a'],
    [b.slice(0, 12), 'TIME', 'not', 'known', 'payment.transfer', 'record', 'record-of-b'],
  ]);
  const json = await duplicates('list', '--json');
  expect(linesOf(json.stdout).map((line) => JSON.parse(line))).toMatchObject([
    { claim: a, outcome: 'success', event: 'payment.transfer', kind: 'key', record_id: 'record-of-a', pid: 7 },
    { claim: b, outcome: 'unknown' },
  ]);
});

test('a journal in which nothing was claimed has nothing to list', async () => {
  expect(await duplicates('list')).toMatchObject({ code: 0, stdout: '', stderr: '' });
});

test('lets go of a claim, once', async () => {
  const id = claim('a');
  claim('b');
  expect(await duplicates('release', id.slice(0, 10))).toMatchObject({
    code: 0,
    stdout: `released ${id}: it may happen again\n`,
  });
  const again = await duplicates('release', id);
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(again.stderr).toContain(`there is no claim ${id}, or no more`);
  expect(linesOf((await duplicates('list')).stdout)).toHaveLength(1);
  claim('a');
  expect(JSON.parse((await duplicates('release', id, '--json')).stdout)).toMatchObject({ claim: id, released: true });
});

test('who lets go of a claim is on record, with what may happen again; of one that is not there nothing is', async () => {
  const id = claim('a');
  await duplicates('release', 'f'.repeat(64));
  await duplicates('release', id);
  const target = { 'audit.target.id': `claim:${id}`, 'audit.target.type': 'claim', 'audit.action': 'DELETE' };
  expect(accessesIn(accessFolderOf(journal.directory))).toMatchObject([
    {
      eventName: 'audit.claim.released',
      attributes: { ...target, 'audit.outcome': 'unknown' },
      body: {
        command: 'duplicates release',
        asked: { event: 'payment.transfer', kind: 'key', outcome: 'unknown', record_id: 'record-of-a' },
      },
    },
    { eventName: 'audit.claim.released', attributes: { ...target, 'audit.outcome': 'success' } },
  ]);
});

test('a claim is not let go of where that has to be recorded, and can not be', async () => {
  const id = claim('a');
  const file = join(journal.directory, 'no-folder');
  writeFileSync(file, '');
  const refused = await botaudit(['duplicates', 'release', id, '--dir', journal.directory], {
    env: { BOTAUDIT_ACCESS_LOG: 'required', BOTAUDIT_ACCESS_DIR: file },
  });
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('nothing is done');
  expect(linesOf((await duplicates('list')).stdout)).toHaveLength(1);
});

test.each(['', '3f2b', '../../../etc/passwd', 'ABCDEF0123456789', `${'a'.repeat(65)}`])(
  'refuses %j, which is no name of a claim',
  async (name) => {
    const { code, stderr } = await duplicates('release', name);
    expect(code).toBe(2);
    expect(stderr).toContain('is no claim');
  },
);

test('says where there is no journal', async () => {
  const { code, stderr } = await botaudit(['duplicates', 'list', '--dir', '/nowhere']);
  expect(code).toBe(2);
  expect(stderr).toContain('there is no journal to read');
});
