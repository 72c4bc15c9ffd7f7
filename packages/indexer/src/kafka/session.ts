import { setTimeout as wait } from 'node:timers/promises';
import type { Consumer } from '@platformatic/kafka';
import { Backoff } from '../backoff.js';
import { Assignment, type AssignmentContext } from './assignment.js';
import { fetcherOptions, type KafkaClient, memberOptions } from './client.js';
import { committedOffsets, EARLIEST, LATEST, offsetsOf } from './offsets.js';
import type { KafkaOptions } from './options.js';
import { Partition } from './partition.js';
import { problemOf } from './problem.js';

/** How often the group is told what has its place. What comes after the last time is read again after a kill. */
const TELL_INTERVAL_MS = 500;
/** In which of these intervals it is looked how much there is to be read, and whether the topic has got more partitions. */
const LOOK_EVERY = 10;
/** How long a goodbye may take. */
const GOODBYE_MS = 2_000;

/** One membership in the group, from joining to leaving it, or to being given up by it. */
export class Session {
  readonly #options: KafkaOptions;
  readonly #context: Omit<AssignmentContext, 'fetcher' | 'topic'>;
  readonly #member: Consumer;
  readonly #fetcher: Consumer;
  readonly #ending = new AbortController();
  /** Resolved by {@link abort}, rejected when the group gives this member up. */
  readonly #over = Promise.withResolvers<void>();
  #assignment: Assignment | undefined;
  /** Counted up with each assignment, so that an older one that is still being made is not used. */
  #round = 0;
  #partitionCount = 0;

  /** @throws {Error} when a file can't be read. */
  constructor(kafka: KafkaClient, options: KafkaOptions, context: Omit<AssignmentContext, 'fetcher' | 'topic'>) {
    this.#options = options;
    this.#context = context;
    this.#member = new kafka.Consumer(memberOptions(options));
    this.#fetcher = new kafka.Consumer(fetcherOptions(options));
    // Nobody may wait for it any longer.
    this.#over.promise.catch(() => {});
  }

  /**
   * Joins the group, and reads until {@link stop} has ended.
   *
   * @throws {Error} when the group does not let it in, or gives it up.
   */
  async run(): Promise<void> {
    const { topic } = this.#options;
    const { health, metrics } = this.#context;
    const lose = (error: Error) => this.#over.reject(error);
    this.#member.on('error', lose);
    this.#fetcher.on('error', () => {}); // Each request tells its own.
    this.#member.on('consumer:heartbeat:stalled', ({ lastError }) =>
      lose(new Error('no sign of life reached the group', { cause: lastError })),
    );
    this.#member.on('consumer:group:join', ({ assignments = [], isLeader }) => {
      const numbers = assignments.filter((one) => one.topic === topic).flatMap(({ partitions }) => partitions);
      void this.#assigned(
        numbers.toSorted((one, other) => one - other),
        isLeader ?? false,
      );
    });
    this.#member.topics.track(topic);
    this.#fetcher.topics.track(topic);
    try {
      await Promise.race([this.#over.promise, this.#join()]);
      health.succeeded('join');
      await Promise.race([this.#over.promise, this.#keep()]);
    } finally {
      this.abort();
      metrics.kafkaAssigned(0);
      await Promise.all([goodbye(this.#member), goodbye(this.#fetcher)]);
    }
  }

  /** Reads nothing more, and ends once the group knows what has its place. */
  async stop(): Promise<void> {
    this.#assignment?.stop();
    await this.#assignment?.settled();
    // Whatever the group does not hear is read again.
    await this.#tell().catch(() => {});
    this.abort();
  }

  /** Ends at once. */
  abort(): void {
    this.#round++;
    this.#assignment?.stop();
    this.#ending.abort();
    this.#over.resolve();
  }

  async #join(): Promise<void> {
    await this.#member.joinGroup({});
  }

  /** Tells the group how far it is, until the end. */
  async #keep(): Promise<void> {
    const { signal } = this.#ending;
    for (let interval = 1; !signal.aborted; interval++) {
      await wait(TELL_INTERVAL_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.#tell();
        if (interval % LOOK_EVERY === 0) await this.#look();
        this.#context.health.succeeded('tell');
      } catch (error) {
        if (!signal.aborted) this.#context.health.failed('tell', problemOf(error as Error));
      }
    }
  }

  async #assigned(numbers: readonly number[], isLeader: boolean): Promise<void> {
    const { group, topic } = this.#options;
    const { metrics, say, health } = this.#context;
    const round = ++this.#round;
    this.#assignment?.stop();
    this.#assignment = undefined;
    this.#partitionCount = isLeader ? await this.#countPartitions().catch(() => 0) : 0;
    metrics.kafkaAssigned(numbers.length);
    const which = numbers.length === 0 ? 'no partition' : `partition ${numbers.join(', ')}`;
    say(`as a member of the group ${group}, ${which} of the topic ${topic} is read`);
    const partitions = await this.#positions(numbers, () => round === this.#round);
    if (round !== this.#round) return;
    if (numbers.length === 0) health.succeeded('read');
    const assignment = new Assignment(partitions, { ...this.#context, topic, fetcher: this.#fetcher });
    this.#assignment = assignment;
    await assignment.run();
  }

  /** Where to begin: where the group is, or at the beginning. Tried until that is known, or no longer `wanted`. */
  async #positions(numbers: readonly number[], wanted: () => boolean): Promise<Partition[]> {
    const { topic } = this.#options;
    const backoff = new Backoff();
    while (numbers.length > 0 && wanted()) {
      try {
        const committed = await committedOffsets(this.#member, topic, numbers);
        const starts = await offsetsOf(this.#member, topic, numbers, EARLIEST);
        return numbers.map((number) => {
          const told = committed.get(number);
          return new Partition(number, told ?? starts.get(number) ?? 0n, told);
        });
      } catch (error) {
        if (!wanted()) break;
        this.#context.health.failed('read', problemOf(error as Error));
        await wait(backoff.failed(), undefined, { signal: this.#ending.signal }).catch(() => {});
      }
    }
    return [];
  }

  async #tell(): Promise<void> {
    const news = (this.#assignment?.partitions ?? [])
      .map((partition) => ({ partition, settled: partition.settled }))
      .filter(({ partition, settled }) => settled !== partition.told);
    if (news.length === 0) return;
    const { topic } = this.#options;
    await this.#member.commit({
      offsets: news.map(({ partition: { number }, settled }) => ({
        topic,
        partition: number,
        offset: settled,
        leaderEpoch: -1,
      })),
    });
    for (const { partition, settled } of news) partition.told = settled;
  }

  async #look(): Promise<void> {
    const { topic } = this.#options;
    const partitions = this.#assignment?.partitions ?? [];
    if (partitions.length > 0) {
      const numbers = partitions.map(({ number }) => number);
      const ends = await offsetsOf(this.#member, topic, numbers, LATEST);
      const lags = partitions.map(({ number, settled }) => Number((ends.get(number) ?? settled) - settled));
      this.#context.metrics.kafkaLag(lags.reduce((sum, lag) => sum + Math.max(0, lag), 0));
    }
    // Whoever leads the group gives out the partitions, and has to see that there are more of them.
    if (this.#partitionCount > 0 && (await this.#countPartitions()) > this.#partitionCount) await this.#join();
  }

  async #countPartitions(): Promise<number> {
    const { topic } = this.#options;
    return (await this.#member.metadata({ topics: [topic] })).topics.get(topic)?.partitionsCount ?? 0;
  }
}

/** Leaves the group where that is heard, and closes the connections in any case. */
async function goodbye(client: Consumer): Promise<void> {
  // A client that could not say goodbye is closed all the same, just below.
  const closing = client.close(true).catch(() => {});
  await Promise.race([closing, wait(GOODBYE_MS, undefined, { ref: false })]);
  await client.connections.close();
}
