import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { once, registerBackend, unregisterBackend } from '@botaudit/api';
import { startBackend } from '@botaudit/sdk';
import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { fillDisk, mountSmallDisk } from './disk.ts';

/** A backend whose journal is on a small disk. */
async function begin(context: TestContext, options: string) {
  const disk = join(await temporaryFolder(), 'disk');
  if (!(await mountSmallDisk(disk, options))) context.skip('mounting a file system is not allowed here');
  const env = { BOTAUDIT_DIR: join(disk, 'journal'), BOTAUDIT_METRICS: 'off', BOTAUDIT_MIN_FREE_BYTES: '0' };
  const backend = startBackend({ env, cwd: disk, say: () => {} });
  registerBackend(backend);
  onTestFinished(async () => {
    unregisterBackend();
    await backend.shutdown();
  });
  let runs = 0;
  return { disk, runs: () => runs, pay: (key: string) => once(key, () => ++runs, { name: 'payment.transfer' }) };
}

const UNAVAILABLE = { code: 'ERR_AUDIT_UNAVAILABLE' };

test('a disk without room for another file: what is to happen once does not happen, and does when there is room', async (context) => {
  const { disk, runs, pay } = await begin(context, 'size=32m,nr_inodes=200');
  expect(await pay('first')).toBe(1);
  const filler = join(disk, 'filler');
  await mkdir(filler);
  let files = 0;
  const full = await (async () => {
    for (;;) await writeFile(join(filler, String(files++)), '');
  })().catch((error: NodeJS.ErrnoException) => error.code);
  expect(full).toBe('ENOSPC');
  await expect(pay('second')).rejects.toMatchObject(UNAVAILABLE);
  expect(runs()).toBe(1);
  await expect(pay('first')).rejects.toMatchObject({ code: 'ERR_AUDIT_DUPLICATE_ACTION' });
  await rm(filler, { recursive: true });
  expect(await pay('second')).toBe(2);
});

test('a full disk: what is to happen once and can not be recorded does not happen, and its key stays free', async (context) => {
  const { disk, runs, pay } = await begin(context, 'size=32m');
  expect(await pay('first')).toBe(1);
  const empty = await fillDisk(disk);
  const errors: unknown[] = [];
  // The last page of the journal takes a record or two yet.
  for (let key = 0; errors.length === 0 && key < 1000; key++)
    await pay(`key ${key}`).catch((error) => errors.push(error));
  expect(errors).toMatchObject([UNAVAILABLE]);
  const before = runs();
  await expect(pay('refused')).rejects.toMatchObject(UNAVAILABLE);
  expect(runs()).toBe(before);
  await empty();
  expect(await pay('refused')).toBe(before + 1);
});
