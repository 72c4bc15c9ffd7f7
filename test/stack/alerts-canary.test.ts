// What watches the watcher, and what the disk does to records that look as if they were safe.
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { botaudit } from '../../packages/cli/test/support/botaudit.ts';
import { TestJournal } from '../../packages/cli/test/support/test-journal.ts';
import { freePorts } from '../../scripts/stack/ports.ts';
import { mountThinDisk } from '../faults/disk.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { AlertStack, HEARTBEAT } from './alert-stack.ts';
import { AuditedBot } from './audited-bot.ts';
import { startCollector } from './collectors.ts';
import { DoctorService } from './doctor-runs.ts';
import { Group } from './group.ts';

let stack: AlertStack;
const jobs: Record<string, readonly string[]> = {};

/** Has what serves metrics at an address of its own scraped. */
async function scraped(job: string): Promise<{ BOTAUDIT_METRICS: string }> {
  const [port] = await freePorts(1);
  jobs[job] = [`127.0.0.1:${port}`];
  await stack.prometheus.scrape({ bots: jobs });
  return { BOTAUDIT_METRICS: `127.0.0.1:${port}` };
}

beforeAll(async () => {
  stack = await AlertStack.start();
});
afterAll(() => stack.stop());

test('canaries that get through no more, and then are not sent any more', async () => {
  const { collector, token } = await startCollector();
  // As often as once in five minutes, at the pace of this stack.
  const service = new DoctorService(['--every', '5s', '--timeout', '2s'], await temporaryFolder(), {
    OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_AUDIT_HEADERS: `authorization=Bearer%20${token}`,
    ...(await scraped('watched')),
  });
  const shipped = 'audit_canary_last_success_timestamp_seconds{job="watched", leg="ship"} > 0';
  await eventually('a canary that came through', async () => {
    return (await stack.prometheus.query(shipped)).length > 0 || undefined;
  });
  expect(stack.toldOf('AuditCanaryOverdue', { job: 'watched' })).toEqual([]);

  await collector.stop();
  const { annotations } = await stack.told('ticket', 'AuditCanaryOverdue', { job: 'watched', leg: 'ship' });
  expect(annotations.summary).toBe('No audit canary of watched gets through (ship)');
  expect(stack.toldOf('AuditCanaryOverdue', { job: 'watched', leg: 'write' })).toEqual([]);
  const { empty } = await stack.runExpressions((expression) => expression.includes('audit_canary_'));
  expect(empty).toEqual([]);

  await collector.resume();
  await stack.told('ticket', 'AuditCanaryOverdue', { job: 'watched' }, { status: 'resolved' });

  await service.kill();
  await stack.told('ticket', 'AuditCanaryMissing', { job: 'watched' });
});

test('an archive that is made, and then can not be made any more', async () => {
  const journal = new TestJournal();
  onTestFinished(() => journal.remove());
  journal.closed({}, {});
  const file = join(journal.folder, 'audit_archive.prom');
  // As often as once a day, at the pace of this stack.
  const metrics = ['--metrics-file', file, '--expected-every', '5s'];
  const archive = (to: string) => botaudit(['archive', '--dir', journal.directory, '--to', to, ...metrics]);
  expect(await archive(join(journal.folder, 'archive'))).toMatchObject({ code: 0 });

  // As node_exporter does with the files of its folder.
  const exporter = createServer(async (_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(await readFile(file));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void exporter.close());
  await once(exporter, 'listening');
  jobs.archived = [`127.0.0.1:${(exporter.address() as AddressInfo).port}`];
  await stack.prometheus.scrape({ bots: jobs });
  const { annotations } = await stack.told('ticket', 'AuditArchiveOverdue', { job: 'archived' });
  expect(annotations.summary).toBe('The audit archive of archived is overdue (archive)');
  const { empty } = await stack.runExpressions((expression) => expression.includes('audit_archive_'));
  expect(empty).toEqual([]);

  // In the journal that it is to keep: refused, and no success.
  expect(await archive(join(journal.directory, 'archive'))).toMatchObject({ code: 2 });
  expect(stack.toldOf('AuditArchiveOverdue', { job: 'archived' }).map(({ status }) => status)).toEqual(['firing']);
  const again = setInterval(() => void archive(join(journal.folder, 'archive')), 2_000);
  onTestFinished(() => clearInterval(again));
  await stack.told('ticket', 'AuditArchiveOverdue', { job: 'archived' }, { status: 'resolved' });
});

test('a disk that has less room below it than it knows of', async (context) => {
  const disk = await mountThinDisk(await temporaryFolder());
  if (!disk) return context.skip('mounting an image is not allowed here');
  const group = await Group.open();
  const cwd = await temporaryFolder();
  const journal = join(disk.path, 'journal');
  await mkdir(journal, { mode: 0o700 });
  await AuditedBot.start(group, cwd, {
    BOTAUDIT_DIR: journal,
    BOTAUDIT_DURABILITY: 'power',
    BOTAUDIT_MIN_FREE_BYTES: '0',
    ...HEARTBEAT,
    ...(await scraped('thin-disk')),
  });
  await group.quarrels(1);
  const series = 'audit_records_unsynced_total{job="thin-disk"}';
  await eventually('a first scrape', async () => (await stack.prometheus.query(series)).length > 0 || undefined);
  await disk.runOut();
  await group.quarrels(1);
  const { labels, annotations } = await stack.told('ticket', 'AuditRecordsUnsynced', { job: 'thin-disk' });
  expect(labels.reason).toMatch(/^(ENOSPC|EIO)$/);
  expect(annotations.description).toMatch(/^About \d+ records of 127\.0\.0\.1:\d+ were written/);
  // They can be read, and nothing else is lost.
  expect(stack.toldOf('AuditRecordsLost', { job: 'thin-disk' })).toEqual([]);
});
