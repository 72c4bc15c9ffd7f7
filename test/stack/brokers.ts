import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import { onTestFinished } from 'vitest';
import { Kafka, type KafkaTls, kafka } from '../../scripts/stack/parts/kafka.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { makeCertificates } from './certificates.ts';
import { installed } from './installed.ts';

/**
 * Starts a broker that is stopped, and whose folder is removed, when the test has ended.
 *
 * @throws when it is not installed.
 */
export async function startKafka(): Promise<Kafka> {
  const broker = await startIn(await temporaryFolder());
  onTestFinished(() => broker.stop());
  return broker;
}

/** A broker for all tests of a file: to be stopped by {@link stopKafka}. */
export interface SharedKafka {
  readonly broker: Kafka;
  /** Holds the certificates as well: see `makeCertificates`. */
  readonly folder: string;
}

/**
 * Starts a broker that runs until {@link stopKafka}, and can be talked to over TLS as well.
 *
 * @throws when it is not installed.
 */
export async function startSharedKafka(): Promise<SharedKafka> {
  const folder = await mkdtemp(join(tmpdir(), 'botaudit-test-'));
  await makeCertificates(folder);
  const file = (name: string) => join(folder, `${name}.pem`);
  const tls = { certificate: file('server'), key: file('server-key'), ca: file('ca') };
  return { broker: await startIn(folder, tls), folder };
}

export async function stopKafka({ broker, folder }: SharedKafka): Promise<void> {
  await broker.stop();
  await rm(folder, { recursive: true, force: true });
}

async function startIn(folder: string, tls?: KafkaTls): Promise<Kafka> {
  return Kafka.start({ installed: await installed(kafka), folder, ...(tls && { tls }) });
}

/** What a client needs to be let in. */
export const clientOf = ({ address, username, password }: Kafka) => ({
  clientId: 'test',
  bootstrapBrokers: [address],
  sasl: { mechanism: 'PLAIN' as const, username, password },
});

/** Does something that an administrator of the broker may. */
export async function administer<T>(broker: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Admin(clientOf(broker));
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

export async function createTopic(broker: Kafka, topic: string, partitions: number): Promise<void> {
  await administer(broker, (admin) => admin.createTopics({ topics: [topic], partitions, replicas: 1 }));
}

/** Sends messages to partition 0, one after the other; resolves when all replicas have them. */
export async function produceRaw(
  broker: Kafka,
  topic: string,
  messages: readonly { readonly value: Buffer | undefined; readonly headers?: Map<Buffer, Buffer> }[],
): Promise<void> {
  const producer = new Producer({ ...clientOf(broker), acks: -1, idempotent: true });
  await producer.send({ messages: messages.map((message) => ({ topic, partition: 0, ...message })) });
  await producer.close();
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
