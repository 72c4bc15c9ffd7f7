import { existsSync, mkdtempSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { archiveOf } from './support/archive.js';
import { botaudit } from './support/botaudit.js';
import { SignedJournal, type SignedStream } from './support/signed-journal.js';

/** Segments go a day after their last record, and not before they are archived. */
const ENV = { BOTAUDIT_ACK: 'archive', BOTAUDIT_MAX_AGE_SECONDS: '86400' };
const DAY_MS = 86_400_000;

let journal: SignedJournal;
beforeEach(() => {
  journal = new SignedJournal();
});
afterEach(() => journal.remove());

const key = () => ['--public-key', journal.key.publicKey];

function makeOld({ segment }: SignedStream): void {
  const time = (Date.now() - 2 * DAY_MS) / 1000;
  utimesSync(segment, time, time);
}

test('what is archived goes from the journal, is told as pruned with its proof, and verifies with the archive', async () => {
  const { archive, check, target } = archiveOf(journal);
  const old = await journal.run(12);
  await archive();
  const kept = await journal.run(3);
  for (const stream of [old, kept]) makeOld(stream);
  const last = await journal.run(2, { env: ENV, holds: () => !existsSync(old.directory) });
  expect(readdirSync(join(journal.directory, 'streams')).sort()).toEqual([kept.id, last.id].sort());

  const alone = await botaudit(['verify', journal.directory, ...key()]);
  expect(alone.stdout).toMatch(
    new RegExp(
      `^${old.id} 1 removed \\(notice\\): records 1 to 14: pruned up to record 14 by retention, as record \\d+ of stream ` +
        `${last.id} says, proven: checkpoint \\d+ of stream ${last.id} commits record \\d+$`,
      'm',
    ),
  );
  expect(alone.code).toBe(0);
  const together = await botaudit(['verify', journal.directory, '--archive', target, ...key()]);
  expect(together.stdout).toMatch(/^authentic: 3 streams, 2\d records/);
  expect((await archive()).code).toBe(0);
  expect((await check(...key())).stdout).toMatch(/^authentic: 3 streams, 2\d records/);
});

test('a place that holds no archive is not taken for one of which everything is in the journal', async () => {
  await journal.run(3);
  for (const place of [join(journal.folder, 'not-mounted'), mkdtempSync(join(journal.folder, 'empty-'))]) {
    const { code, stderr } = await botaudit(['verify', journal.directory, '--archive', place]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('holds no archive') });
  }
});
