import type { Consumer } from '@platformatic/kafka';

/** Where a partition begins: what Kafka calls the time before all times. */
export const EARLIEST = -2n;
/** Where the next message of a partition will be. */
export const LATEST = -1n;

/** Messages of transactions that are not over count as well. */
const READ_UNCOMMITTED = 0;

/** Offsets of partitions at a time. */
export async function offsetsOf(
  client: Consumer,
  topic: string,
  partitions: readonly number[],
  timestamp: typeof EARLIEST | typeof LATEST,
): Promise<Map<number, bigint>> {
  const all = await client.listOffsets({
    topics: [topic],
    partitions: { [topic]: [...partitions] },
    timestamp,
    isolationLevel: READ_UNCOMMITTED,
  });
  return byNumber(all.get(topic), partitions);
}

/** What the group has been told of partitions; one that it was told nothing of is left out. */
export async function committedOffsets(
  member: Consumer,
  topic: string,
  partitions: readonly number[],
): Promise<Map<number, bigint>> {
  const all = await member.listCommittedOffsets({ topics: [{ topic, partitions: [...partitions] }] });
  return byNumber(all.get(topic), partitions);
}

function byNumber(offsets: readonly bigint[] | undefined, partitions: readonly number[]): Map<number, bigint> {
  const found = new Map<number, bigint>();
  for (const number of partitions) {
    const offset = offsets?.[number];
    if (offset !== undefined && offset >= 0n) found.set(number, offset);
  }
  return found;
}
