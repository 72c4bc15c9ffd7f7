/** How Elasticsearch is set up. */
export interface SetupOptions {
  /** Last part of the data streams' names. */
  readonly namespace: string;
  /** What rolls indices over and deletes old ones. */
  readonly lifecycle: 'data-stream' | 'ilm';
  /** After how many days records are deleted. `undefined`: never. */
  readonly retentionDays?: number | undefined;
  /** Primary shards of an index of records. */
  readonly shards: number;
  /** Copies of each shard. */
  readonly replicas: number;
}

/** What a configuration without a word on it has. */
export const DEFAULT_SETUP: SetupOptions = { namespace: 'default', lifecycle: 'data-stream', shards: 1, replicas: 1 };
