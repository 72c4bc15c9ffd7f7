import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AuditRecord } from '@botaudit/record';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonRequest, protobufRequest } from '../../packages/indexer/test/support/otlp.ts';
import { auditRecord } from '../../packages/indexer/test/support/records.ts';
import { indexer as indexerPart } from '../../scripts/stack/parts/indexer.ts';
import { eventually } from '../support/eventually.ts';
import { administer, createTopic, produceRaw } from './brokers.ts';
import type { Hit } from './elasticsearches.ts';
import type { IndexerProcess } from './indexer-processes.ts';
import { changed, idOf, setUp } from './indexers.ts';
import { installed } from './installed.ts';
import { Flow, KafkaScene } from './kafka-scene.ts';

const RESOURCE = { 'service.name': 'payments' };

let scene: KafkaScene;
beforeAll(async () => {
  scene = await KafkaScene.open();
});
afterAll(() => scene?.close());

const partitions = (indexer: IndexerProcess) => indexer.metric('audit_indexer_kafka_partitions');

/** Waits until each of the indexers reads `count` partitions. */
async function eachReads(count: number, ...indexers: readonly IndexerProcess[]): Promise<void> {
  await eventually(`${count} partitions for each`, async () => {
    const counts = await Promise.all(indexers.map(partitions));
    return counts.every((each) => each === count) || undefined;
  });
}

/** Checks that each record is there once, as it was sent. */
function expectEachOnce(stored: readonly Hit[], sent: readonly AuditRecord[]): void {
  expect(changed(stored)).toEqual([]);
  expect(stored.map(({ _id }) => _id).toSorted()).toEqual(sent.map(idOf).toSorted());
}

test('indexers share a topic; one is killed and another joins while records flow, and each record is there once', async () => {
  const topic = await scene.topic(6);
  const { collector, token } = await scene.collector(topic);
  const [first, second] = await Promise.all([scene.indexer(topic), scene.indexer(topic)]);
  await eachReads(3, first, second);
  const flow = new Flow(collector, token, 5);
  await flow.goesOn(200);
  await first.kill();
  expect(await first.ended).toBe('SIGKILL');
  await flow.goesOn(200);
  const third = await scene.indexer(topic);
  await eachReads(3, second, third);
  await flow.goesOn(200);
  await flow.stop();
  const stored = await scene.allStored(flow.accepted);
  expectEachOnce(stored, flow.accepted);

  // One that is stopped hands its partitions over at once.
  await second.stop();
  expect(await second.ended).toBe('exit code 0');
  await eachReads(6, third);
  await administer(scene.broker, (admin) => admin.createPartitions({ topics: [{ name: topic, count: 8 }] }));
  await eachReads(8, third);
  console.log(`one killed, one joined: ${flow.accepted.length} sent, ${stored.length} stored, 0 lost`);
});

test('nothing is lost when the broker is killed and comes back while records flow', async () => {
  const topic = await scene.topic(3);
  const { collector, token } = await scene.collector(topic);
  const indexer = await scene.indexer(topic);
  const flow = new Flow(collector, token, 5);
  await flow.goesOn(200);
  await scene.broker.kill();
  await flow.goesOn(200);
  await scene.broker.resume();
  await flow.goesOn(200);
  await flow.stop();
  const stored = await scene.allStored(flow.accepted);
  expectEachOnce(stored, flow.accepted);
  expect(await indexer.said()).toContain('records are read from Kafka again');
  console.log(`broker killed: ${flow.accepted.length} sent, ${stored.length} stored, 0 lost`);
});

test('what is no OTLP is kept as it came, holds nothing up, and each message says whose it is', async () => {
  const topic = await scene.topic(1);
  const records = [auditRecord(), auditRecord(), auditRecord()] as const;
  const json = Buffer.from(JSON.stringify(jsonRequest([records[1]], RESOURCE)));
  const cut = Buffer.from(protobufRequest([auditRecord()], RESOURCE)).subarray(0, -3);
  await produceRaw(scene.broker, topic, [
    { value: Buffer.from(protobufRequest([records[0]], RESOURCE)) },
    { value: Buffer.from('no record') },
    { value: json.subarray(0, -3) },
    { value: json, headers: new Map([[Buffer.from('audit-principal'), Buffer.from('payments')]]) },
    { value: undefined },
    { value: cut },
    { value: Buffer.alloc(0) },
    { value: Buffer.from(protobufRequest([records[2]], RESOURCE)) },
  ]);
  const indexer = await scene.indexer(topic, { BOTAUDIT_INDEXER_KAFKA_PRINCIPAL_HEADER: 'audit-principal' });
  const stored = await scene.allStored(records);
  expectEachOnce(stored, records);
  const principals = stored.map(({ _id, _source }) => [_id, (_source as Ingested).audit.ingest.principal]);
  expect(new Map(principals as [string, string][])).toEqual(
    new Map(records.map((record, index) => [idOf(record), index === 1 ? 'payments' : 'kafka'])),
  );
  await eventually(
    'all of them behind',
    async () => (await scene.committed('audit-indexer', topic)) === 8 || undefined,
  );
  const rejected = await scene.search('logs-audit.rejected-default', { match_all: {} });
  const originals = rejected.map(({ _source }) => (_source as { rejected: { original: string } }).rejected.original);
  expect(originals.toSorted()).toEqual(
    [
      Buffer.from('no record').toString('base64'),
      json.subarray(0, -3).toString(),
      '',
      cut.toString('base64'),
    ].toSorted(),
  );
  expect(await indexer.metric('audit_indexer_kafka_messages_total{result="malformed"}')).toBe(4);
});

interface Ingested {
  readonly audit: { readonly ingest: { readonly principal: string } };
}

test('where messages are gone that were never read, that is told, and the rest is read', async () => {
  const topic = await scene.topic(1);
  const group = { BOTAUDIT_INDEXER_KAFKA_GROUP: `group-of-${topic}` };
  const send = async (count: number) => {
    const records = Array.from({ length: count }, () => auditRecord());
    const messages = records.map((record) => ({ value: Buffer.from(protobufRequest([record], RESOURCE)) }));
    await produceRaw(scene.broker, topic, messages);
    return records;
  };
  const resets = 'audit_indexer_kafka_offset_resets_total';
  const before = await send(5);
  const first = await scene.indexer(topic, group);
  await scene.allStored(before);
  await first.stop();
  expect(await scene.committed(group.BOTAUDIT_INDEXER_KAFKA_GROUP, topic)).toBe(5);

  const after = await send(5);
  await administer(scene.broker, (admin) =>
    admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: 8n }] }] }),
  );
  const second = await scene.indexer(topic, group);
  await scene.allStored(after.slice(3));
  expect(await scene.find(after.slice(0, 3))).toEqual([]);
  expect(await second.said()).toContain(
    `partition 0 of ${topic} begins at offset 8 by now, and 5 was to be read next: 3 messages were removed before they were stored`,
  );
  expect(await second.metric(resets)).toBe(1);

  await administer(scene.broker, (admin) => admin.deleteTopics({ topics: [topic] }));
  await eventually('the topic made anew', () =>
    createTopic(scene.broker, topic, 1).then(
      () => true,
      () => undefined,
    ),
  );
  const anew = await send(3);
  await scene.allStored(anew);
  expect(await second.said()).toContain('and 10 was to be read next: the topic was made anew, or has lost its end');
  expect(await second.metric(resets)).toBe(2);
});

test('over TLS, the index is made again from Kafka and from the archive: the same documents', async () => {
  const topic = `audit-${randomUUID()}`;
  const { collector, token } = await scene.collector(topic, scene.collectorTlsEnv);
  const flow = new Flow(collector, token, 5);
  // What comes before there is a topic waits for it.
  await flow.goesOn(100);
  await createTopic(scene.broker, topic, 3);
  const indexer = await scene.indexer(topic, scene.indexerTlsEnv);
  await flow.goesOn(200);
  await flow.stop();
  const documents = contentOf(await scene.allStored(flow.accepted));
  await indexer.stop();

  // This Elasticsearch can't delete a data stream: the index is made again beside the first.
  await setUp(scene.elasticsearch.node, { env: { BOTAUDIT_INDEXER_NAMESPACE: 'kafka' } });
  await scene.indexer(topic, { BOTAUDIT_INDEXER_KAFKA_GROUP: 'made-again', BOTAUDIT_INDEXER_NAMESPACE: 'kafka' });
  expect(contentOf(await scene.allStored(flow.accepted, 'logs-audit.otel-kafka'))).toEqual(documents);

  await setUp(scene.elasticsearch.node, { env: { BOTAUDIT_INDEXER_NAMESPACE: 'archive' } });
  const files = (await readdir(collector.archiveFolder)).map((name) => join(collector.archiveFolder, name));
  const env = { ...scene.indexerEnv(topic), BOTAUDIT_INDEXER_NAMESPACE: 'archive' };
  const { path: cli } = await installed(indexerPart);
  const { stdout } = await promisify(execFile)(process.execPath, [cli, 'index', '--json', '--archive', ...files], {
    env,
  });
  const count = flow.accepted.length;
  expect(JSON.parse(stdout)).toMatchObject({ records: { stored: count, known: 0, rejected: 0 }, complete: true });
  expect(contentOf(await scene.allStored(flow.accepted, 'logs-audit.otel-archive'))).toEqual(documents);
  console.log(`${count} documents, the same from Kafka and from the archive`);
});

/** What documents say of their records, by id: without where they are, and when and from whom they came. */
function contentOf(documents: readonly Hit[]): Map<string, object> {
  return new Map(
    documents.map(({ _id, _source }) => {
      const { data_stream, event, audit, ...content } = _source as Record<string, unknown>;
      return [_id, content];
    }),
  );
}
