import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import type { Consumer } from '@platformatic/kafka';
import { Backoff } from '../backoff.js';
import type { NotStoredError } from '../elasticsearch/delivery.js';
import type { MemoryBudget } from '../memory-budget.js';
import type { IndexerMetrics } from '../metrics/metrics.js';
import type { KafkaHealth } from './health.js';
import type { Inbox, KafkaMessage } from './inbox.js';
import { EARLIEST, LATEST, offsetsOf } from './offsets.js';
import { Partition } from './partition.js';
import { problemOf, says } from './problem.js';

/** What an {@link Assignment} needs around it. */
export interface AssignmentContext {
  /** Asks for messages; no member of the group, whose signs of life must not queue behind a request that is held. */
  readonly fetcher: Consumer;
  readonly topic: string;
  readonly inbox: Inbox;
  readonly budget: MemoryBudget;
  readonly metrics: IndexerMetrics;
  readonly health: KafkaHealth;
  /** Takes a line for people. */
  readonly say: (message: string) => void;
}

/** What the client makes of the answer to a request for messages. */
type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>;

/** Bytes that one request asks for, compressed as they are. One batch is given whole, also when it is larger. */
const FETCH_BYTES = 128 * 1024;
/** Memory that is taken for that before it is known what it is decompressed. */
const RESERVED_BYTES = 1024 * 1024;
/** How long a broker holds a request that finds nothing. */
const FETCH_WAIT_MS = 500;
/** Pause before a message is read again that Elasticsearch has no place for. */
const AGAIN_MS = 10_000;
/** Attribute of a batch that holds no messages, only what transactions need. */
const CONTROL_BATCH = 1 << 5;

/** The partitions that the group gave to this member, until it gives others: read, and handed over. */
export class Assignment {
  readonly #context: AssignmentContext;
  readonly #partitions: Map<number, Partition>;
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff();
  readonly #waiting = new Set<Promise<void>>();

  constructor(partitions: readonly Partition[], context: AssignmentContext) {
    this.#context = context;
    this.#partitions = new Map(partitions.map((partition) => [partition.number, partition]));
  }

  get partitions(): readonly Partition[] {
    return [...this.#partitions.values()];
  }

  /** Reads until {@link stop}. It never rejects: what goes wrong is told, and tried again. */
  async run(): Promise<void> {
    const { signal } = this.#stopping;
    // One request to a broker at a time, for all the partitions that it leads.
    const requests = new Map<number, Promise<void>>();
    while (this.#partitions.size > 0 && !signal.aborted) {
      try {
        const { topicId, byLeader } = await this.#leaders();
        for (const [leader, partitions] of byLeader) {
          if (requests.has(leader)) continue;
          const request = this.#read(leader, topicId, partitions).finally(() => requests.delete(leader));
          requests.set(leader, request);
        }
        await Promise.race(requests.values());
      } catch (error) {
        await this.#failed(error as Error);
      }
    }
    await Promise.all(requests.values());
  }

  /** Hands nothing over any longer. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Resolves when each message that was handed over has its place, or was given up. */
  async settled(): Promise<void> {
    while (this.#waiting.size > 0) await Promise.all(this.#waiting);
  }

  async #leaders(): Promise<{ topicId: string; byLeader: Map<number, Partition[]> }> {
    const { fetcher, topic } = this.#context;
    const metadata = (await fetcher.metadata({ topics: [topic] })).topics.get(topic);
    if (!metadata) throw new Error(`Unknown topic ${topic}.`);
    const byLeader = new Map<number, Partition[]>();
    for (const partition of this.#partitions.values()) {
      const leader = metadata.partitions[partition.number]?.leader ?? -1;
      const led = byLeader.get(leader) ?? [];
      led.push(partition);
      byLeader.set(leader, led);
    }
    return { topicId: metadata.id, byLeader };
  }

  async #read(leader: number, topicId: string, partitions: readonly Partition[]): Promise<void> {
    const { budget } = this.#context;
    // Waits here while Elasticsearch takes nothing: the group keeps its member, and Kafka the messages.
    if (!(await budget.reserve(RESERVED_BYTES, 'kafka', this.#stopping.signal))) return;
    let taken = RESERVED_BYTES;
    try {
      const response = await this.#fetch(leader, topicId, partitions);
      const bytes = bytesOf(response);
      if (bytes > taken) {
        budget.add(bytes - taken);
        taken = bytes;
      }
      await this.#handOverAll(response, partitions);
      this.#backoff.succeeded();
      this.#context.health.succeeded('read');
    } catch (error) {
      await (says(error as Error, 'OFFSET_OUT_OF_RANGE') ? this.#reset(partitions) : this.#failed(error as Error));
    } finally {
      budget.give(taken);
    }
  }

  async #fetch(leader: number, topicId: string, partitions: readonly Partition[]): Promise<FetchResponse> {
    return this.#context.fetcher.fetch({
      node: leader,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      maxWaitTime: FETCH_WAIT_MS,
      topics: [
        {
          topicId,
          partitions: partitions.map(({ number, next }) => ({
            partition: number,
            fetchOffset: next,
            partitionMaxBytes: FETCH_BYTES,
            currentLeaderEpoch: -1,
            lastFetchedEpoch: -1,
          })),
        },
      ],
    });
  }

  async #handOverAll({ responses }: FetchResponse, asked: readonly Partition[]): Promise<void> {
    for (const { partitionIndex, records } of responses.flatMap((topic) => topic.partitions)) {
      const partition = this.#partitions.get(partitionIndex);
      // One that begins anew elsewhere meanwhile is none that was asked for.
      if (!partition || !asked.includes(partition)) continue;
      for (const { firstOffset, lastOffsetDelta, attributes, records: messages } of records ?? []) {
        for (const message of attributes & CONTROL_BATCH ? [] : messages) {
          if (this.#stopping.signal.aborted) return;
          const offset = firstOffset + BigInt(message.offsetDelta);
          // A batch is given whole, with what was read of it before.
          if (offset < partition.next) continue;
          this.#handOver(partition, offset, message);
          // Signs of life have to get in between.
          await nextTurn();
        }
        partition.skipTo(firstOffset + BigInt(lastOffsetDelta) + 1n);
      }
    }
  }

  #handOver(partition: Partition, offset: bigint, message: KafkaMessage): void {
    const placed = partition.handOver(offset);
    const { done } = this.#context.inbox.take(message);
    const waiting = done
      .then(placed, (error: NotStoredError) => this.#givenUp(partition, error))
      .finally(() => this.#waiting.delete(waiting));
    this.#waiting.add(waiting);
  }

  /** Something of a message has no place: it stays with Kafka, and is read again. */
  async #givenUp(partition: Partition, { reason, message }: NotStoredError): Promise<void> {
    if (reason === 'stopping') return;
    const { metrics, topic, say } = this.#context;
    const { number } = partition;
    metrics.kafkaFailed('not_stored');
    say(`a message in partition ${number} of ${topic} is read again, for it has no place in Elasticsearch: ${message}`);
    await this.#pause(AGAIN_MS);
    const { settled, told } = partition;
    if (this.#partitions.get(number) === partition) {
      this.#partitions.set(number, new Partition(number, settled, told));
    }
  }

  /** Begins anew, aloud, where there is nothing at the offset that comes next. */
  async #reset(partitions: readonly Partition[]): Promise<void> {
    const { fetcher, topic, metrics, say } = this.#context;
    try {
      const numbers = partitions.map(({ number }) => number);
      const starts = await offsetsOf(fetcher, topic, numbers, EARLIEST);
      const ends = await offsetsOf(fetcher, topic, numbers, LATEST);
      for (const { number, next } of partitions) {
        const start = starts.get(number) ?? 0n;
        const end = ends.get(number) ?? 0n;
        if (next >= start && next <= end) continue;
        metrics.kafkaReset();
        const what = `partition ${number} of ${topic}`;
        if (next < start) {
          say(
            `${what} begins at offset ${start} by now, and ${next} was to be read next: ${start - next} messages were removed before they were stored. It goes on at ${start}; the collectors' archive may have what is missing`,
          );
        } else {
          say(
            `${what} ends at offset ${end}, and ${next} was to be read next: the topic was made anew, or has lost its end. It is read from its beginning, ${start}`,
          );
        }
        this.#partitions.set(number, new Partition(number, start, undefined));
      }
    } catch (error) {
      await this.#failed(error as Error);
    }
  }

  async #failed(error: Error): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#context.health.failed('read', problemOf(error));
    await this.#pause(this.#backoff.failed());
  }

  async #pause(ms: number): Promise<void> {
    // Whoever is told to stop does not wait to the end.
    await wait(ms, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }
}

/** What the messages of a response take, once decompressed. */
function bytesOf({ responses }: FetchResponse): number {
  let bytes = 0;
  for (const { records } of responses.flatMap(({ partitions }) => partitions)) {
    for (const { value } of (records ?? []).flatMap((batch) => batch.records)) bytes += value?.length ?? 0;
  }
  return bytes;
}
