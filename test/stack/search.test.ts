import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ATTR_AUDIT_ACTION,
  ATTR_AUDIT_ACTOR_ID,
  ATTR_AUDIT_OUTCOME,
  ATTR_BOT_CHAT_ID,
  type AuditRecord,
} from '@botaudit/record';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningPart } from '../../scripts/stack/part.ts';
import { Progress } from '../../scripts/stack/progress.ts';
import { type StartedPart, startParts, stopParts } from '../../scripts/stack/start.ts';
import { eventually } from '../support/eventually.ts';
import { readJournal } from '../support/journal.ts';
import { AuditedBot } from './audited-bot.ts';
import { runDoctor } from './doctor-runs.ts';
import { Visitor } from './elasticsearches.ts';
import { Group } from './group.ts';
import { changed, idOf } from './indexers.ts';

const STREAM = 'logs-audit.otel-default';
const QUARRELS = 3;

/** What people ask for: the field of Elasticsearch, and where a record of the journal has it. */
const FIELDS: readonly (readonly [field: string, of: (record: AuditRecord) => unknown])[] = [
  ...[ATTR_AUDIT_ACTOR_ID, ATTR_AUDIT_ACTION, ATTR_AUDIT_OUTCOME, ATTR_BOT_CHAT_ID].map(
    (field) => [field, ({ attributes }: AuditRecord) => attributes[field]] as const,
  ),
  ['event_name', ({ eventName }) => eventName],
  ['trace.id', ({ traceId }) => traceId],
];

/** The parts of `npm run stack` as it wires them. */
const running: StartedPart[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'botaudit-test-'));
  const names = ['elasticsearch', 'indexer', 'collector', 'prometheus'];
  await startParts(names, { folder, progress: new Progress(), running });
});
afterAll(async () => {
  await stopParts(running);
  await rm(folder, { recursive: true, force: true });
});

function part(name: string): RunningPart {
  const [, found] = running.find(([{ name: one }]) => one === name) ?? [];
  if (!found) throw new Error(`${name} does not run`);
  return found;
}

/** Runs the sample bot in a group that has some bad days. Returns what its journal holds. */
async function recordsOfARun(): Promise<AuditRecord[]> {
  const group = await Group.open();
  const cwd = join(folder, 'bot');
  await mkdir(cwd);
  const env = Object.assign({}, ...running.map(([, { botEnv }]) => botEnv));
  const bot = await AuditedBot.start(group, cwd, { ...env, BOTAUDIT_DIR: join(cwd, 'journal') });
  await group.quarrels(QUARRELS);
  expect(await bot.stop()).toBe(0);
  return (await readJournal(join(cwd, 'journal'))).flatMap(({ records, checkpoints }) => [...records, ...checkpoints]);
}

const idsOf = (records: readonly AuditRecord[]) => records.map(idOf).sort();

/** How many records have each value. */
function countBy(records: readonly AuditRecord[], of: (record: AuditRecord) => unknown): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of records.map(of))
    if (value !== undefined) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}

test('what a bot did is found by actor, action, outcome, chat, event, trace and time, as often as in its journal', async () => {
  const records = await recordsOfARun();
  const { elasticsearch } = part('elasticsearch');
  if (!elasticsearch) throw new Error('Elasticsearch is not to be had');
  const { visitor: auditor } = await Visitor.withRole(elasticsearch, 'audit-auditor');
  const found = async (query: object) => (await auditor.search(STREAM, query)).map(({ _id }) => _id).sort();
  const everything = await eventually('the whole journal in Elasticsearch', async () => {
    const hits = await auditor.search(STREAM);
    return hits.length >= records.length ? hits : undefined;
  });
  expect(everything.map(({ _id }) => _id).sort()).toEqual(idsOf(records));
  expect(changed(everything)).toEqual([]);
  expect(await auditor.search('logs-audit.rejected-default')).toEqual([]);

  let queries = 0;
  for (const [field, of] of FIELDS) {
    const aggs = { values: { terms: { field, size: 10_000 } } };
    const answer = await auditor.request('POST', `/${STREAM}/_search`, { size: 0, aggs });
    const { aggregations } = (await answer.json()) as {
      aggregations: { values: { buckets: { key: string; doc_count: number }[] } };
    };
    const counts = Object.fromEntries(aggregations.values.buckets.map(({ key, doc_count }) => [key, doc_count]));
    expect(counts, field).toEqual(countBy(records, of));
    expect(Object.keys(counts).length, field).toBeGreaterThan(1);
    for (const value of Object.keys(counts)) {
      const wanted = idsOf(records.filter((record) => String(of(record)) === value));
      expect(await found({ term: { [field]: value } }), `${field} is ${value}`).toEqual(wanted);
      queries++;
    }
  }

  const milliseconds = ({ timestamp }: AuditRecord) => Number(BigInt(timestamp) / 1_000_000n);
  const times = records.map(milliseconds).sort((a, b) => a - b);
  const [from = 0, until = 0] = [times[Math.floor(times.length / 3)], times[Math.floor((times.length * 2) / 3)]];
  const between = records.filter((record) => milliseconds(record) >= from && milliseconds(record) < until);
  expect(between.length).toBeGreaterThan(0);
  const range = { '@timestamp': { gte: from, lt: until, format: 'epoch_millis' } };
  expect(await found({ range })).toEqual(idsOf(between));

  // What an investigator asks: who banned whom in this chat?
  const isBan = ({ attributes }: AuditRecord) => attributes[ATTR_AUDIT_ACTION] === 'BAN';
  const done = records.filter((record) => isBan(record) && record.attributes[ATTR_AUDIT_OUTCOME] === 'success');
  expect(done.length).toBeGreaterThanOrEqual(QUARRELS);
  const [{ attributes }] = done as [AuditRecord];
  const filter = [ATTR_AUDIT_ACTOR_ID, ATTR_AUDIT_ACTION, ATTR_AUDIT_OUTCOME, ATTR_BOT_CHAT_ID].map((field) => ({
    term: { [field]: attributes[field] },
  }));
  const same = done.filter((record) =>
    [ATTR_AUDIT_ACTOR_ID, ATTR_BOT_CHAT_ID].every((field) => record.attributes[field] === attributes[field]),
  );
  expect(await found({ bool: { filter } })).toEqual(idsOf(same));
  console.log(`${records.length} records in the journal and in Elasticsearch; ${queries + 2} queries agree`);

  // Prometheus knows of the indexer, and counts the same.
  const url = part('prometheus').facts.find(([label]) => label === 'address')?.[1];
  const query = new URLSearchParams({ query: 'sum(audit_indexer_records_total{job="indexer",result="stored"})' });
  await eventually('the count in Prometheus', async () => {
    const { data } = (await (await fetch(`${url}/api/v1/query?${query}`)).json()) as {
      data: { result: { value: [number, string] }[] };
    };
    return Number(data.result[0]?.value[1]) === records.length || undefined;
  });
});

test('a canary of botaudit doctor is found there', async () => {
  const { elasticsearch } = part('elasticsearch');
  if (!elasticsearch) throw new Error('Elasticsearch is not to be had');
  const { apiKey } = await Visitor.withRole(elasticsearch, 'audit-auditor');
  const keyFile = join(folder, 'auditor-key');
  await writeFile(keyFile, apiKey, { mode: 0o600 });
  const cwd = join(folder, 'doctor');
  await mkdir(cwd);
  const doctor = (key: Record<string, string>, ...args: string[]) =>
    runDoctor(['--json', '--elasticsearch', elasticsearch.url, ...args], cwd, {
      ...Object.assign({}, ...running.map(([, { botEnv }]) => botEnv)),
      BOTAUDIT_DIR: join(cwd, 'journal'),
      ...key,
    });
  const { code, legs, output } = await doctor({ BOTAUDIT_ELASTICSEARCH_API_KEY_FILE: keyFile }, '--timeout', '60s');
  expect(legs, output).toEqual({ write: 'ok', read: 'ok', ship: 'ok', search: 'ok' });
  expect(code).toBe(0);
  console.log(`legs of a canary: ${output}`);

  const stranger = await doctor({ BOTAUDIT_ELASTICSEARCH_API_KEY: 'bm9ib2R5Om5vdGhpbmc=' });
  expect(stranger.legs, stranger.output).toEqual({ write: 'ok', read: 'ok', ship: 'ok', search: 'failed' });
  expect(stranger.code).toBe(1);
});
