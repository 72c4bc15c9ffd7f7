import { join } from 'node:path';
import { ATTR_AUDIT_RECORD_ID, type AuditRecord } from '@botaudit/record';
import { expect, test } from 'vitest';
import { figure } from '../support/figure.ts';
import { readJournal } from '../support/journal.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { verifyJournal } from '../support/verify.ts';
import { type LoadedProcess, startLoad } from './child.ts';
import { fillDisk, mountSmallDisk, readOnlyFolder } from './disk.ts';

/** A load that a small disk holds for a while. */
const GENTLE = { LOAD_PAUSE_MS: '20', BOTAUDIT_METRICS: 'off' };

async function recordsIn(directory: string): Promise<AuditRecord[]> {
  return (await readJournal(directory)).flatMap(({ records }) => records);
}

/** Checks that all that was told is on disk, that what was refused stands on the chain, and that the chain holds. */
async function expectAccountedFor(directory: string, child: LoadedProcess): Promise<string> {
  const records = await recordsIn(directory);
  const ids = new Set(records.map((record) => record.attributes[ATTR_AUDIT_RECORD_ID]));
  expect(child.written.filter((id) => !ids.has(id))).toEqual([]);
  const losses = records.filter(({ eventName }) => eventName === 'audit.records.lost');
  const lost = losses.reduce((sum, record) => sum + Number(record.body?.records), 0);
  expect(lost).toBe(child.refused);
  const report = await verifyJournal(directory);
  expect(report).toMatchObject({ intact: true, exitCode: 0 });
  return `${child.written.length} records written, all in the journal; ${child.refused} refused, ${lost} on the chain as lost; verify: no break`;
}

test('a full disk: the process goes on, each refusal is told and recorded, and writing goes on when there is room', async (context) => {
  const folder = await temporaryFolder();
  const disk = join(folder, 'disk');
  if (!(await mountSmallDisk(disk, 'size=32m'))) context.skip('mounting a file system is not allowed here');
  const directory = join(disk, 'journal');
  const child = startLoad({ ...GENTLE, BOTAUDIT_DIR: directory, BOTAUDIT_MIN_FREE_BYTES: '0' }, folder);
  await child.tells('records', () => child.written.length > 200);
  const empty = await fillDisk(disk);
  await child.tells('refusals', () => child.refused > 100);
  const before = child.written.length;
  await empty();
  await child.tells('records again', () => child.written.length > before + 200);
  expect(await child.end('SIGTERM')).toBe('SIGTERM');
  figure(`full disk: ${await expectAccountedFor(directory, child)}`);
});

test('a limit on the size of files: a line that does not fit is refused, the others go into new segments', async () => {
  const folder = await temporaryFolder();
  const directory = join(folder, 'journal');
  // 64 blocks of 512 bytes: half of the largest records of the load.
  const child = startLoad({ ...GENTLE, BOTAUDIT_DIR: directory }, folder, 'ulimit -f 64');
  await child.tells('refusals', () => child.refused >= 10);
  expect(await child.end('SIGTERM')).toBe('SIGTERM');
  figure(`file size limit: ${await expectAccountedFor(directory, child)}`);
});

test('a folder that can not be written: the process runs, says so, and its journal is in the next place', async () => {
  const folder = await temporaryFolder();
  const readOnly = join(folder, 'read-only');
  await readOnlyFolder(readOnly);
  const child = startLoad({ ...GENTLE, BOTAUDIT_DIR: readOnly }, folder);
  await child.tells('records', () => child.written.length > 200);
  expect(await child.end('SIGTERM')).toBe('SIGTERM');
  expect(child.stderr).toContain(readOnly);
  figure(`read-only folder: ${await expectAccountedFor(join(folder, '.botaudit'), child)}`);
});
