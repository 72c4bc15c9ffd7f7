import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ATTR_AUDIT_ACTION,
  ATTR_AUDIT_OUTCOME,
  ATTR_BOT_ACTION_STAGE,
  ATTR_BOT_FRAMEWORK,
  ATTR_BOT_ID,
  type AuditRecord,
} from '@botaudit/record';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Sample } from '../../scripts/stack/parts/prometheus.ts';
import { Progress } from '../../scripts/stack/progress.ts';
import { type StartedPart, startParts, stopParts } from '../../scripts/stack/start.ts';
import { readJournal } from '../support/journal.ts';
import { AuditedBot } from './audited-bot.ts';
import { Group } from './group.ts';

const BOTS = 3;

/** Series that count every record once. */
const ONCE = ['audit_records_emitted_total{job="bots"}', 'audit_indexer_records_total{job="indexer",result="stored"}'];

/** Series that count every record, and again where it was sent again, as one whose answer came too late is. */
const SENT = [
  'audit_records_exported_total{job="bots"}',
  'otelcol_receiver_accepted_log_records{job="collector"}',
  'otelcol_exporter_sent_log_records{job="collector",exporter="file/archive"}',
  'otelcol_exporter_sent_log_records{job="collector",exporter="otlp_http/forward"}',
];

/** Series of what did not happen. */
const NONE = [
  'audit_queue_depth{job="bots"}',
  'sum(audit_records_dropped_total{job="bots"})',
  'audit_indexer_records_total{job="indexer",result="rejected"}',
];

/** The parts of `npm run stack` as it wires them. */
const running: StartedPart[] = [];
let folder: string;

beforeAll(async () => {
  // Scrapes a second apart.
  vi.stubEnv('BOTAUDIT_STACK_FASTER', '15');
  folder = await mkdtemp(join(tmpdir(), 'botaudit-test-'));
  const names = ['elasticsearch', 'indexer', 'collector', 'prometheus'];
  await startParts(names, { folder, progress: new Progress(), running });
});
afterAll(async () => {
  await stopParts(running);
  await rm(folder, { recursive: true, force: true });
});

async function query(expression: string): Promise<readonly Sample[]> {
  const url = running.find(([{ name }]) => name === 'prometheus')?.[1].shellEnv?.PROMETHEUS;
  const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expression })}`);
  return ((await answer.json()) as { data: { result: Sample[] } }).data.result;
}

/** The value of an expression that has one; `undefined` where it has none yet. */
async function value(expression: string): Promise<number | undefined> {
  const [sample] = await query(expression);
  return sample && Number(sample.value[1]);
}

/** What may take a few scrapes, and a record more than was there when the journal was read. */
const soon = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 90_000, interval: 500 });

/** Everything that a journal holds and that is shipped. */
async function shipped(journal: string): Promise<AuditRecord[]> {
  return (await readJournal(journal)).flatMap(({ records, checkpoints }) => [...records, ...checkpoints]);
}

const LABELS = ['bot_id', 'event', 'action', 'outcome'] as const;

/** What a bot reported, and not the auditing itself, which notes signals too. */
const isReported = ({ attributes }: AuditRecord) => attributes[ATTR_BOT_FRAMEWORK] !== undefined;

/** How many events there are of each kind, attempts aside. */
function countEvents(records: readonly AuditRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { eventName, attributes } of records) {
    if (attributes[ATTR_BOT_ACTION_STAGE] === 'attempt') continue;
    const of = [
      attributes[ATTR_BOT_ID] ?? '',
      eventName,
      attributes[ATTR_AUDIT_ACTION],
      attributes[ATTR_AUDIT_OUTCOME],
    ];
    counts[of.join(' ')] = (counts[of.join(' ')] ?? 0) + 1;
  }
  return counts;
}

/** The same as Prometheus counts them. */
async function countedEvents(metric: string): Promise<Record<string, number>> {
  const samples = await query(`sum by (${LABELS.join()}) (${metric}) > 0`);
  return Object.fromEntries(
    samples.map(({ metric: labels, value: [, count] }) => [LABELS.map((name) => labels[name] ?? '').join(' '), +count]),
  );
}

test('several bots in one folder are one target; what is counted there, in the collector and in the indexer is what the journals hold', async () => {
  const journal = join(folder, 'journal');
  const env = Object.assign({}, ...running.map(([, { botEnv }]) => botEnv));
  const scenes = await Promise.all(Array.from({ length: BOTS }, () => Group.open()));
  const bots: AuditedBot[] = [];
  // The first one has the port.
  for (const group of scenes) bots.push(await AuditedBot.start(group, folder, { ...env, BOTAUDIT_DIR: journal }));
  await soon(async () => expect(await value('sum(audit_streams{job="bots"})')).toBe(BOTS));
  await Promise.all(scenes.map((group, index) => group.quarrels(index + 1)));

  // Another one takes over from one that ends, and what that has counted stays.
  const [first, ...others] = bots as [AuditedBot, ...AuditedBot[]];
  expect(await first.stop()).toBe(0);
  await soon(async () => expect(await value('sum(audit_streams{job="bots"})')).toBe(BOTS - 1));
  await Promise.all(scenes.slice(1).map((group) => group.quarrels(2)));
  await Promise.all(scenes.slice(1).map((group) => group.calm()));

  let records: AuditRecord[] = [];
  let sent: number[] = [];
  let events: Record<string, number> = {};
  await soon(async () => {
    records = await shipped(journal);
    for (const series of ONCE) expect(await value(series), series).toBe(records.length);
    sent = [];
    for (const series of SENT) sent.push((await value(series)) ?? 0);
    expect(Math.min(...sent)).toBeGreaterThanOrEqual(records.length);
    for (const series of NONE) expect(await value(series), series).toBe(0);
    events = countEvents(records);
    expect(await countedEvents('audit_indexer_events_total{job="indexer"}')).toEqual(events);
    expect(await countedEvents('audit_events_total{job="bots"}')).toEqual(countEvents(records.filter(isReported)));
  });
  expect(Object.keys(events).length).toBeGreaterThan(10);
  expect(await value('count(up{job="bots"} == 1)')).toBe(1);
  console.log(
    `${records.length} records of ${BOTS} processes: ${Object.keys(events).length} counts of events agree; sent, accepted, archived, sent on: ${sent}`,
  );
  for (const bot of others) expect(await bot.stop()).toBe(0);
});
