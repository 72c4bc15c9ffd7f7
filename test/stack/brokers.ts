import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import { onTestFinished } from 'vitest';
import { partCache } from '../../scripts/stack/cache.ts';
import { Kafka, kafka } from '../../scripts/stack/parts/kafka.ts';
import { Progress } from '../../scripts/stack/progress.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/**
 * Starts a broker that is stopped, and whose folder is removed, when the test has ended.
 *
 * @throws when it is not installed.
 */
export async function startKafka(): Promise<Kafka> {
  const cache = await partCache(process.env, kafka.name);
  const installed = await kafka.locate({ env: process.env, cache, progress: new Progress() });
  if (!installed) throw new Error('There is no Kafka. Run: npm run stack:install');
  const broker = await Kafka.start({ installed, folder: await temporaryFolder() });
  onTestFinished(() => broker.stop());
  return broker;
}

/** What a client needs to be let in. */
export const clientOf = ({ address, username, password }: Kafka) => ({
  clientId: 'test',
  bootstrapBrokers: [address],
  sasl: { mechanism: 'PLAIN' as const, username, password },
});

export async function createTopic(broker: Kafka, topic: string, partitions: number): Promise<void> {
  const admin = new Admin(clientOf(broker));
  await admin.createTopics({ topics: [topic], partitions, replicas: 1 });
  await admin.close();
}

/** Sends each value under a key of its own; resolves when all replicas have them. */
export async function produce(broker: Kafka, topic: string, values: readonly string[]): Promise<void> {
  const producer = new Producer({
    ...clientOf(broker),
    serializers: stringSerializers,
    acks: -1,
    idempotent: true,
  });
  const messages = values.map((value, index) => ({ topic, key: String(index), value }));
  await producer.send({ messages });
  await producer.close();
}

/** Reads `count` values as a member of a group, from where the group is, and commits each. */
export async function consume(broker: Kafka, topic: string, groupId: string, count: number): Promise<string[]> {
  const consumer = new Consumer({ ...clientOf(broker), groupId, deserializers: stringDeserializers });
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'committed',
    fallbackMode: 'earliest',
    autocommit: false,
  });
  const values: string[] = [];
  for await (const message of stream) {
    await message.commit();
    if (values.push(message.value) === count) break;
  }
  await consumer.close(true);
  return values;
}
