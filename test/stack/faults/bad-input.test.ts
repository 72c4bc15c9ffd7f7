import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replayArchive } from '@botaudit/indexer';
import { ATTR_AUDIT_RECORD_ID, type AuditRecord } from '@botaudit/record';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditRecord } from '../../../packages/indexer/test/support/records.ts';
import { eventually } from '../../support/eventually.ts';
import { startCollector } from '../collectors.ts';
import { idOf } from '../indexers.ts';
import { bearer } from '../sending.ts';
import { BAD_INPUTS } from './bad-inputs.ts';
import { countOf, Holdings, type Sent } from './balance.ts';
import { Pipeline } from './pipeline.ts';
import { type Answer, type Bytes, inProtobuf, send } from './requests.ts';
import { addLine } from './table.ts';
import { Target } from './target.ts';

const RECEIVERS = ['indexer', 'collector'] as const;
/** Good records of each request beside the bad one: one before, one at the same time, one after. */
const BESIDE = 20;

let target: Target;
/** What receives, and what it was sent so far. */
const receivers = new Map<string, { readonly pipeline: Pipeline; readonly sent: Map<string, string> }>();

beforeAll(async () => {
  target = await Target.start({ namespaces: RECEIVERS, heapMb: 512 });
  for (const namespace of RECEIVERS) {
    const pipeline = await Pipeline.start({ target, namespace, hasCollector: namespace === 'collector' });
    receivers.set(namespace, { pipeline, sent: new Map() });
  }
});
afterAll(async () => {
  for (const { pipeline } of receivers.values()) await pipeline.stop();
  await target?.stop();
});

const sentAs = (records: readonly AuditRecord[]): Sent =>
  new Map(records.map((record) => [idOf(record), String(record.attributes[ATTR_AUDIT_RECORD_ID])]));

/** Sends until the answer says something of the request. */
async function deliver(
  { url, token }: Pipeline['endpoint'],
  request: Bytes,
  authorization = bearer(token).authorization,
) {
  return eventually('an answer other than 503', async () => {
    const answer = await send(url, request, authorization || undefined);
    return answer.status === 503 ? undefined : answer;
  });
}

async function deliverGood(endpoint: Pipeline['endpoint']): Promise<AuditRecord[]> {
  const records = Array.from({ length: BESIDE }, () => auditRecord());
  expect((await deliver(endpoint, inProtobuf(records))).status).toBe(200);
  return records;
}

const AUTHORIZATIONS = { none: '', wrong: bearer('wrong').authorization };

describe.each(RECEIVERS)('what is sent to the %s', (name) => {
  test.each(BAD_INPUTS.map((input) => [input.what, input] as const))(
    '%s: it is answered clearly, and costs no other record',
    async (what, input) => {
      const { pipeline, sent } = receivers.get(name)!;
      const { endpoint } = pipeline;
      const { request, records } = input.make();
      const before = await Holdings.of(target.node, name);
      const started = performance.now();
      const good = await deliverGood(endpoint);
      const [answer, beside] = await Promise.all([
        deliver(endpoint, request, input.authorization && AUTHORIZATIONS[input.authorization]),
        deliverGood(endpoint),
      ]);
      good.push(...beside, ...(await deliverGood(endpoint)));
      const seconds = Math.round(performance.now() - started) / 1000;

      const accepted = sentAs(answer.status === 200 ? [...good, ...records] : good);
      const unreadable = answer.status === 200 ? (input.unreadable ?? 0) : 0;
      for (const [id, recordId] of accepted) sent.set(id, recordId);
      await arrival(name, sent.size + before.unreadable(sent) + unreadable);

      const holdings = await Holdings.of(target.node, name);
      expect(holdings.changed).toEqual([]);
      const balance = holdings.balance(accepted);
      const found = holdings.unreadable(sent) - before.unreadable(sent);
      const rejected = new Map(balance.rejected);
      if (found > 0) rejected.set('not_a_record', found);
      const missing = Array.from({ length: unreadable - found }, () => 'one that can not be read');
      const refused = answer.status === 200 ? {} : { [answer.status]: records.length };
      const all = accepted.size + unreadable + (answer.status === 200 ? 0 : records.length);
      await addLine(
        { kind: 'bad input', fault: `${name}: ${what}`, times: 1, seen: seen(answer), seconds },
        { ...balance, sent: all, rejected, lost: [...balance.lost, ...missing] },
        refused,
      );
      expect(answer.status).toBe(typeof input.answer === 'number' ? input.answer : input.answer[name]);
      if (answer.status !== 200) expect(holdings.balance(sentAs(records)).stored).toBe(0);
      else expect([...rejected.values()].reduce((sum, count) => sum + count, 0)).toBe(input.rejected ?? 0);
    },
  );
});

test('more waits in the collector than the indexer takes at a time: all of it arrives', async () => {
  const { pipeline, sent } = receivers.get('collector')!;
  const unreadable = (await Holdings.of(target.node, 'collector')).unreadable(sent);
  const started = performance.now();
  await pipeline.indexer.stop();
  const records: AuditRecord[] = [];
  for (let request = 0; request < 8; request++) {
    const more = Array.from({ length: 1_000 }, () => auditRecord({ text: 'x'.repeat(2_400) }));
    expect((await deliver(pipeline.endpoint, inProtobuf(more))).status).toBe(200);
    records.push(...more);
  }
  await pipeline.indexer.resume();
  const accepted = sentAs(records);
  for (const [id, recordId] of accepted) sent.set(id, recordId);
  await arrival('collector', sent.size + unreadable);
  const holdings = await Holdings.of(target.node, 'collector');
  expect(holdings.changed).toEqual([]);
  const seconds = Math.round(performance.now() - started) / 1000;
  const fault = 'collector: more waits in its queue (28 MB) than the indexer takes in one request (12 MiB)';
  await addLine({ kind: 'bad input', fault, times: 1, seen: 'answer 200', seconds }, holdings.balance(accepted));
});

test('a collector with a token that the indexer does not know: what that drops, its archive brings back', async () => {
  const { pipeline, sent } = receivers.get('collector')!;
  const unreadable = (await Holdings.of(target.node, 'collector')).unreadable(sent);
  const env = { AUDIT_FORWARD_URL: pipeline.indexer.url, AUDIT_FORWARD_TOKEN: 'wrong' };
  const { collector, token } = await startCollector({ overlays: ['forward'], env });
  const records = await deliverGood({ url: collector.url, token });
  const started = performance.now();
  await eventually('a batch that is dropped', async () => {
    return /Dropping data\..*\b401\b/.test(await readFile(collector.log, 'utf8')) || undefined;
  });
  const accepted = sentAs(records);
  expect((await Holdings.of(target.node, 'collector')).balance(accepted).stored).toBe(0);
  await replayArchive({
    files: [join(collector.archiveFolder, 'audit.jsonl')],
    env: { ...target.writerEnv, BOTAUDIT_INDEXER_NAMESPACE: 'collector' },
    cwd: '/nonexistent',
    signal: AbortSignal.timeout(60_000),
    say: () => {},
  });
  for (const [id, recordId] of accepted) sent.set(id, recordId);
  await arrival('collector', sent.size + unreadable);
  const holdings = await Holdings.of(target.node, 'collector');
  const seconds = Math.round(performance.now() - started) / 1000;
  const fault = 'indexer: a wrong token of the collector, which drops the batch; its archive is read again';
  const seen = '“Exporting failed. Dropping data.”, by the collector';
  await addLine({ kind: 'bad input', fault, times: 1, seen, seconds }, holdings.balance(accepted));
});

/** Waits until Elasticsearch holds so many documents; what is missing is named later. */
async function arrival(namespace: string, count: number): Promise<void> {
  const there = async () => (await countOf(target.node, namespace)) >= count || undefined;
  await eventually(`${count} documents`, there).catch(() => undefined);
}

const seen = ({ status, message }: Answer) => `answer ${status}${message && ` “${message}”`}`;
