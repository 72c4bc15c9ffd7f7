import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { botaudit, linesOf, type Running } from './support/botaudit.js';
import { type DoctorRun, doctorService, journal, sink } from './support/doctor.js';

async function service(run: DoctorRun = {}): Promise<Running> {
  const args = ['--every', '1s', '--timeout', '2s', '--metrics', '127.0.0.1:0', '--json', ...(run.args ?? [])];
  const running = doctorService({ ...run, args });
  onTestFinished(async () => {
    running.child.kill('SIGKILL');
    await running.ended;
  });
  await running.until(({ stderr }) => /metrics at \S+\n/.test(stderr));
  return running;
}

async function metricsOf({ stderr }: Running): Promise<string> {
  const [, url = ''] = /metrics at (\S+)\n/.exec(stderr) ?? [];
  return await (await fetch(url)).text();
}

/** Waits until the metrics show something. */
async function shown(running: Running, pattern: RegExp): Promise<string> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const text = await metricsOf(running);
    if (pattern.test(text)) return text;
    if (performance.now() > deadline) throw new Error(`${pattern} is not in ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const measured = (text: string, series: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length),
  );

test('sends one canary after the other in one stream, with metrics, and ends with 0 when told to', async () => {
  const running = await service();
  await running.until(() => linesOf(running.stdout).length >= 3);
  const text = await shown(running, /^audit_records_exported_total [1-9]/m);
  expect(measured(text, 'audit_canary_interval_seconds')).toBe(1);
  for (const leg of ['write', 'read', 'ship']) {
    const at = measured(text, `audit_canary_last_success_timestamp_seconds{leg="${leg}"}`);
    expect(Math.abs(Date.now() / 1000 - at)).toBeLessThan(60);
    expect(measured(text, `audit_canary_duration_seconds{leg="${leg}"}`)).toBeGreaterThan(0);
    expect(measured(text, `audit_canary_failures_total{leg="${leg}"}`)).toBe(0);
  }
  // A bot that is missing must still be missed.
  expect(measured(text, 'audit_streams')).toBe(0);
  expect(measured(text, 'audit_heartbeats_total')).toBe(0);
  running.child.kill('SIGTERM');
  const { code, signal, stdout } = await running.ended;
  expect({ code, signal }).toEqual({ code: 0, signal: null });
  for (const line of linesOf(stdout)) expect(JSON.parse(line).status).toBe('ok');
  const [stream = '', ...others] = readdirSync(join(journal, 'streams'));
  expect(others).toEqual([]);
  const records = linesOf(readFileSync(join(journal, 'streams', stream, '00000001.ndjson'), 'utf8'));
  expect(records).toHaveLength(linesOf(stdout).length + 2);
  expect(records.at(-1)).toContain('audit.stream.closed');
  // A canary is a few hundred bytes: a year of one every five minutes is less than a tenth of the folder's limit.
  expect(Math.max(...records.slice(1, -1).map((line) => line.length))).toBeLessThan(1_000);
  expect((await botaudit(['verify', '--dir', journal])).code).toBe(0);
});

test('counts what fails by leg, goes on, and sees that it works again', async () => {
  const running = await service();
  await running.until(() => linesOf(running.stdout).length >= 1);
  sink.status = 503;
  const broken = await shown(running, /^audit_canary_failures_total\{leg="ship"\} [1-9]/m);
  expect(measured(broken, 'audit_canary_failures_total{leg="write"}')).toBe(0);
  const failure = linesOf(running.stdout)
    .map((line) => JSON.parse(line))
    .find(({ status }) => status === 'failed');
  expect(failure.checks.at(-1)).toMatchObject({ name: 'canary: ship', status: 'failed' });
  const last = measured(broken, 'audit_canary_last_success_timestamp_seconds{leg="ship"}');
  sink.status = 200;
  const deadline = performance.now() + 30_000;
  while (measured(await metricsOf(running), 'audit_canary_last_success_timestamp_seconds{leg="ship"}') <= last) {
    if (performance.now() > deadline) throw new Error(`it does not work again: ${running.stdout}`);
  }
  running.child.kill('SIGINT');
  expect((await running.ended).code).toBe(0);
});

test('a journal that goes away under it is a broken leg, not the end', async () => {
  const running = await service();
  await running.until(() => linesOf(running.stdout).length >= 1);
  renameSync(journal, `${journal}.away`);
  // In its place something that no folder can be made in.
  writeFileSync(journal, '');
  await running.until(({ stdout }) => /"canary: (?:write|read)","status":"failed"/.test(stdout));
  running.child.kill('SIGTERM');
  expect((await running.ended).code).toBe(0);
  expect(existsSync(`${journal}.away`)).toBe(true);
});

test('a stream that is as old as a segment may be is ended for a new one, and nothing counts twice', async () => {
  const running = await service({ env: { BOTAUDIT_SEGMENT_MAX_AGE_SECONDS: '2' } });
  await running.until(() => readdirSync(join(journal, 'streams')).length >= 3);
  const text = await shown(running, /^audit_records_exported_total [1-9]/m);
  expect(measured(text, 'audit_canary_last_success_timestamp_seconds{leg="ship"}')).toBeGreaterThan(0);
  running.child.kill('SIGTERM');
  expect((await running.ended).code).toBe(0);
  const streams = readdirSync(join(journal, 'streams'));
  let written = 0;
  for (const stream of streams) {
    const folder = join(journal, 'streams', stream);
    const records = readdirSync(folder)
      .filter((name) => /^\d+\.ndjson$/.test(name) || name === 'checkpoints.ndjson')
      .flatMap((name) => linesOf(readFileSync(join(folder, name), 'utf8')));
    expect(records.some((line) => line.includes('audit.stream.closed'))).toBe(true);
    written += records.length;
  }
  expect(measured(text, 'audit_records_emitted_total')).toBeLessThanOrEqual(written);
  expect((await botaudit(['verify', '--dir', journal])).code).toBe(0);
});
