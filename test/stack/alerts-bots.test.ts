import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { freePorts } from '../../scripts/stack/ports.ts';
import { fillDisk, mountSmallDisk } from '../faults/disk.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { AlertStack, HEARTBEAT } from './alert-stack.ts';
import { AuditedBot } from './audited-bot.ts';
import { startCollector } from './collectors.ts';
import { Group } from './group.ts';
import { MiddleBox } from './middle-box.ts';

const REGISTER = import.meta.resolve('@botaudit/auto/register');

/** How many audited processes these should have. */
const EXPECTED = `
groups:
  - name: expected
    rules:
      - {record: 'job:audit_streams_expected:count', expr: vector(1), labels: {job: idle}}
      - {record: 'job:audit_streams_expected:count', expr: vector(1), labels: {job: proxied}}
`;

/** What shows something once an action was refused. */
const REFUSED = /audit_actions_refused/;

let stack: AlertStack;
let idle: ChildProcess;
/** Who is scraped by which stack. */
const jobs = new Map<AlertStack, Record<string, readonly string[]>>();

/** Has the bots of a deployment scraped at an address that is theirs from now on. */
async function scraped(job: string, by = stack): Promise<{ BOTAUDIT_METRICS: string }> {
  const [port] = await freePorts(1);
  const bots = { ...jobs.get(by), [job]: [`127.0.0.1:${port}`] };
  jobs.set(by, bots);
  await by.prometheus.scrape({ bots });
  return { BOTAUDIT_METRICS: `127.0.0.1:${port}` };
}

/** Runs a program under the flag; it sees nothing else of this environment. */
function audited(program: string, env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, ['--import', REGISTER, program], {
    cwd: dirname(program),
    env: { PATH: process.env.PATH, ...env },
    stdio: 'ignore',
  });
}

/** A bot with a job of its own, its group, and its journal. */
async function bot(job: string, env: Readonly<Record<string, string>>, by = stack) {
  const group = await Group.open();
  const cwd = await temporaryFolder();
  const journal = join(cwd, 'journal');
  const running = await AuditedBot.start(group, cwd, {
    BOTAUDIT_DIR: journal,
    ...HEARTBEAT,
    ...(await scraped(job, by)),
    ...env,
  });
  return { bot: running, group, journal };
}

function shippingTo(url: string, token: string): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_AUDIT_HEADERS: `authorization=Bearer%20${token}`,
    OTEL_EXPORTER_OTLP_AUDIT_PROTOCOL: 'http/json',
  };
}

beforeAll(async () => {
  stack = await AlertStack.start({ rules: { 'expected.rules.yaml': EXPECTED } });
  // It takes half a minute until it is told that it audits nothing.
  const program = join(stack.folder, 'idle.mjs');
  await writeFile(program, 'setInterval(() => {}, 1000);\n');
  idle = audited(program, await scraped('idle'));
});
afterAll(async () => {
  idle.kill('SIGKILL');
  await stack.stop();
});

test('that alerts get through is told all the time', async () => {
  await stack.told('watchdog', 'AuditWatchdog', { severity: 'none' });
});

test('a wrong token', async () => {
  const patient = await AlertStack.start({ timesFaster: 8 });
  onTestFinished(() => patient.stop());
  const { collector } = await startCollector();
  const { group } = await bot('wrong-token', shippingTo(collector.url, 'wrong'), patient);
  await group.quarrels(1);
  const { annotations } = await patient.told('page', 'AuditEndpointRefuses', {
    job: 'wrong-token',
    reason: 'unauthorized',
  });
  expect(annotations.summary).toBe('The endpoint does not take the audit records of wrong-token (unauthorized)');
});

test('a collector that is down; a journal that was tampered with meanwhile; a bot that is killed', async () => {
  const { collector, token } = await startCollector();
  const { bot: running, group, journal } = await bot('cut-off', shippingTo(collector.url, token));
  await group.quarrels(1);
  await collector.stop();
  await group.quarrels(3);
  await stack.told('page', 'AuditRecordsUnshipped', { job: 'cut-off' });
  expect(stack.toldOf('AuditEndpointRefuses', { job: 'cut-off' })).toEqual([]);

  const [stream = ''] = await readdir(join(journal, 'streams'));
  const segment = join(journal, 'streams', stream, '00000001.ndjson');
  const lines = (await readFile(segment, 'utf8')).split('\n');
  // One of the last, that has not been read yet to be shipped.
  lines.splice(-4, 1);
  await writeFile(segment, lines.join('\n'));
  await collector.resume();
  await stack.told('page', 'AuditChainBroken', { job: 'cut-off', source: 'shipper' });

  await running.kill();
  await stack.told('page', 'AuditHeartbeatMissing', { job: 'cut-off' });
});

/** Has the bot warn people, and mute them at the third time. Nobody waits for its answers. */
function warn({ telegram, bot: account }: Group): void {
  const owner = telegram.addUser({ name: 'Olga' });
  const rude = [1, 2].map((number) => telegram.addUser({ name: `Rude ${number}` }));
  const chat = telegram.addGroup({ title: 'Gardeners', owner, admins: [account], members: rude });
  const insults = rude.map((person) => person.says(chat, 'Your roses are ugly.'));
  for (const replyTo of insults) for (let time = 0; time < 3; time++) owner.says(chat, '/warn', { replyTo });
}

test('a full disk', async (context) => {
  const disk = join(await temporaryFolder(), 'disk');
  if (!(await mountSmallDisk(disk, 'size=32m'))) context.skip('mounting a file system is not allowed here');
  const policy = join(await temporaryFolder(), 'botaudit.yaml');
  await writeFile(policy, 'policy:\n  rules:\n    - { risk: high, fail_closed: true }\n');
  const { group } = await bot('full-disk', {
    BOTAUDIT_CONFIG: policy,
    BOTAUDIT_DIR: join(disk, 'journal'),
    BOTAUDIT_MIN_FREE_BYTES: '0',
  });
  await group.quarrels(1);
  const series = 'audit_records_dropped_total{job="full-disk", reason="ENOSPC"}';
  await eventually('a first scrape', async () => (await stack.prometheus.query(series)).length > 0 || undefined);
  await fillDisk(disk);
  const started = Date.now();
  warn(group);
  const { at, annotations } = await stack.told('page', 'AuditRecordsLost', { job: 'full-disk', reason: 'ENOSPC' });
  expect(annotations.description).toMatch(/^About \d+ records of 127\.0\.0\.1:\d+ could not be written/);
  const refused = await stack.told('page', 'AuditActionsRefused', { job: 'full-disk', reason: 'ENOSPC' });
  expect(refused.labels.event).toMatch(/^bot\.member\./);
  const { run, empty } = await stack.runExpressions((expression) => REFUSED.test(expression));
  expect(empty).toEqual([]);
  expect(run).toBeGreaterThan(50);
  console.log(
    `records lost to a full disk: told ${((at - started) / 1000).toFixed(1)} s later, at a scrape and an evaluation a second and a group wait of 0.5 s`,
  );
});

test('a proxy that refuses large requests and whose clock is wrong; a bot that is missing', async () => {
  const { collector, token } = await startCollector();
  const proxy = await MiddleBox.inFrontOf(collector.url, { maxBodyBytes: 3_000, clockOffsetMs: 3_600_000 });
  const { bot: running, group } = await bot('proxied', shippingTo(proxy.url, token));
  await group.quarrels(1);
  await stack.told('ticket', 'AuditRecordsRejected', { job: 'proxied' });
  const { annotations } = await stack.told('ticket', 'AuditClockOffset', { job: 'proxied' });
  expect(annotations.summary).toMatch(/^The clock of proxied is 3(599|60\d) s off$/);

  // Before it was started it was missing as well.
  await stack.told('page', 'AuditBotUnaudited', { job: 'proxied' }, { status: 'resolved' });
  const since = Date.now();
  await running.kill();
  await stack.told('page', 'AuditBotUnaudited', { job: 'proxied' }, { since });
  await stack.inhibited('AuditHeartbeatMissing', { job: 'proxied' });
  expect(stack.toldOf('AuditHeartbeatMissing', { job: 'proxied' })).toEqual([]);
});

test('a version of a framework that is not supported; a folder that can not be written', async () => {
  const cwd = await temporaryFolder();
  const original = join(dirname(fileURLToPath(import.meta.resolve('grammy'))), '..');
  const copy = join(cwd, 'node_modules/grammy');
  await cp(original, copy, { recursive: true });
  const manifest = JSON.parse(await readFile(join(original, 'package.json'), 'utf8')) as object;
  await writeFile(join(copy, 'package.json'), JSON.stringify({ ...manifest, version: '0.1.0' }));
  const program = join(cwd, 'bot.mjs');
  await writeFile(program, "import { Bot } from 'grammy';\nnew Bot('1:x');\nsetInterval(() => {}, 1000);\n");
  const child = audited(program, {
    // What it depends on stays where it is.
    NODE_PATH: join(original, '..'),
    BOTAUDIT_DIR: join(program, 'journal'),
    ...(await scraped('outdated')),
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const labels = { job: 'outdated', framework: 'grammy', version: '0.1.0' };
  await stack.told('ticket', 'AuditFrameworkUnsupported', labels);
  await stack.told('ticket', 'AuditInstrumentationErrors', { job: 'outdated', source: 'journal_folder' });
});

test('a policy that was changed, and is wrong', async () => {
  const policy = join(await temporaryFolder(), 'botaudit.yaml');
  await writeFile(policy, 'policy:\n  rules:\n    - { event: bot.api.call, level: none }\n');
  const { group } = await bot('changed', { BOTAUDIT_CONFIG: policy });
  await group.quarrels(1);
  await writeFile(policy, 'policy:\n  rules:\n    - { event: bot.api.call, levl: none }\n');
  await stack.told('ticket', 'AuditConfigInvalid', { job: 'changed' });
});

test('a process under the flag that audits nothing', async () => {
  await stack.told('page', 'AuditBotUnaudited', { job: 'idle' });
  await stack.told('page', 'AuditNoFramework', { job: 'idle' });
  expect(stack.toldOf('AuditInstrumentationErrors', { job: 'idle' })).toEqual([]);
});

test('every expression of rules and dashboards runs, and shows what a bot did', async () => {
  const { collector, token } = await startCollector();
  await stack.prometheus.scrape({ collector: { collector: [new URL(collector.metricsUrl).host] } });
  const policy = join(await temporaryFolder(), 'botaudit.yaml');
  await writeFile(policy, 'policy:\n  rules:\n    - { event: bot.api.call, level: none }\n');
  const { group } = await bot('shown', { BOTAUDIT_CONFIG: policy, ...shippingTo(collector.url, token) });
  // There is no indexer here, no queue, no canary, no archive, no sink that is verified, nothing dropped, nothing twice,
  // and no yesterday; what was refused is seen on a full disk.
  const elsewhere =
    /audit_duplicates|audit_indexer_|audit_canary_|audit_archive_|audit_sink_|otelcol_exporter_(queue|send_failed)|offset 1d/;
  const isShown = (expression: string) => !elsewhere.test(expression) && !REFUSED.test(expression);
  let silent: readonly string[] = [];
  const run = await eventually('something for each panel', async () => {
    await group.quarrels(1);
    const { run, empty } = await stack.runExpressions(isShown);
    silent = empty;
    return empty.length === 0 ? run : undefined;
  }).catch((error: unknown) => {
    throw new Error(`nothing is shown by ${silent.join(' and ')}`, { cause: error });
  });
  console.log(`${run} expressions of rules and dashboards were run on what bots did`);
});
