/** How a password is known to the brokers. */
export const SASL_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

/** A user of the brokers. */
export interface KafkaCredentials {
  readonly mechanism: (typeof SASL_MECHANISMS)[number];
  readonly username: string;
  /** What the password is now; a file may hold another one later. */
  readonly password: () => string;
}

/** Files (PEM) for TLS; each may be absent. */
export interface KafkaTls {
  /** What the certificates of the brokers are checked against; by default those that Node.js trusts. */
  readonly ca?: string | undefined;
  /** What is shown to the brokers. */
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

/** Where records are read from Kafka, and as who. */
export interface KafkaOptions {
  /** `host:port` of brokers to begin with. */
  readonly brokers: readonly string[];
  readonly topic: string;
  /** The consumer group that the indexers share the partitions in. */
  readonly group: string;
  /** Whose records these are, unless the header says so. */
  readonly principal: string;
  /** Header of a message that names whose records it holds. */
  readonly principalHeader?: string | undefined;
  /** Which services a principal speaks for. */
  readonly services: Readonly<Record<string, string>>;
  readonly credentials?: KafkaCredentials | undefined;
  /** `undefined`: no TLS. */
  readonly tls?: KafkaTls | undefined;
  /** After how long without a sign of life the group gives a member's partitions to others, in milliseconds. */
  readonly sessionTimeoutMs: number;
}
