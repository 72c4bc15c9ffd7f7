import { Admin } from '@platformatic/kafka';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clientOf, consume, createTopic, produce, startKafka } from './brokers.ts';

const TOPIC = 'audit';

const numbered = (from: number, count: number) => Array.from({ length: count }, (_, index) => `record ${from + index}`);

describe('Kafka', () => {
  test('gives a group what all replicas acknowledged, once, and goes on where the group was', async () => {
    const broker = await startKafka();
    await createTopic(broker, TOPIC, 3);
    await produce(broker, TOPIC, numbered(0, 100));
    const first = await consume(broker, TOPIC, 'indexers', 100);
    expect(first.toSorted()).toEqual(numbered(0, 100).toSorted());

    await produce(broker, TOPIC, numbered(100, 20));
    const next = await consume(broker, TOPIC, 'indexers', 20);
    expect(next.toSorted()).toEqual(numbered(100, 20).toSorted());
  });

  test('has everything that it acknowledged after a kill', async () => {
    const broker = await startKafka();
    await createTopic(broker, TOPIC, 1);
    await produce(broker, TOPIC, numbered(0, 100));
    await broker.kill();
    expect(await broker.ended).toBe('SIGKILL');

    await broker.resume();
    expect(await consume(broker, TOPIC, 'indexers', 100)).toEqual(numbered(0, 100));
  });

  test('lets nobody in without the password of this run', async () => {
    const broker = await startKafka();
    const { sasl, ...client } = clientOf(broker);
    const topics = async (credentials: { readonly sasl?: typeof sasl }) => {
      const admin = new Admin({ ...client, ...credentials, retries: 0, timeout: 5_000 });
      onTestFinished(() => admin.close());
      return admin.listTopics();
    };
    await expect(topics({})).rejects.toThrow();
    await expect(topics({ sasl: { ...sasl, password: 'guessed' } })).rejects.toThrow();
    expect(await topics({ sasl })).toEqual([]);
  });
});
