import { loadIndexerConfig, startIndexer } from '@botaudit/indexer';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { AlertStack } from './alert-stack.ts';
import { administer, createTopic, startKafka } from './brokers.ts';

let stack: AlertStack;
beforeAll(async () => {
  stack = await AlertStack.start();
});
afterAll(() => stack.stop());

test('messages that are gone before they were read, and a broker that is', async () => {
  const broker = await startKafka();
  await createTopic(broker, 'audit', 1);
  await administer(broker, (admin) =>
    admin.alterConsumerGroupOffsets({
      groupId: 'audit-indexer',
      topics: [{ name: 'audit', partitionOffsets: [{ partition: 0, offset: 100n }] }],
    }),
  );
  const config = loadIndexerConfig({
    env: {
      BOTAUDIT_INDEXER_ELASTICSEARCH_URL: 'http://127.0.0.1:1',
      BOTAUDIT_INDEXER_LISTEN: 'off',
      BOTAUDIT_INDEXER_METRICS: '127.0.0.1:0',
      BOTAUDIT_INDEXER_KAFKA_BROKERS: broker.address,
      BOTAUDIT_INDEXER_KAFKA_MECHANISM: 'PLAIN',
      BOTAUDIT_INDEXER_KAFKA_USERNAME: broker.username,
      BOTAUDIT_INDEXER_KAFKA_PASSWORD: broker.password,
    },
    cwd: '/nonexistent',
  });
  const { adminUrl = '', stop } = await startIndexer(config, () => {});
  onTestFinished(stop);
  await stack.prometheus.scrape({ indexer: { indexers: [new URL(adminUrl).host] } });
  const labels = { job: 'indexers' };
  await stack.told('page', 'AuditKafkaRecordsMissed', labels);
  expect(stack.toldOf('AuditKafkaUnread', labels)).toEqual([]);

  await broker.stop();
  const { annotations } = await stack.told('ticket', 'AuditKafkaUnread', labels);
  expect(annotations.summary).toContain("can't read audit records from Kafka");
});
