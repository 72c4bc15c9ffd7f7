import { readFileSync } from 'node:fs';
import type { BaseOptions, ConsumerOptions } from '@platformatic/kafka';
import type { KafkaOptions, KafkaTls } from './options.js';

/** The client of Kafka. */
export type KafkaClient = typeof import('@platformatic/kafka');

/** Kafka can't be used here. */
export class KafkaUnusableError extends Error {
  override readonly name = 'KafkaUnusableError';
  /** What would be right, in words. */
  readonly allowed: string;

  constructor(message: string, allowed: string) {
    super(message);
    this.allowed = allowed;
  }
}

/** What the client asks for: the first of release 22, and of 24. The rest of the indexer runs on older ones, too. */
const SUPPORTED = [
  [22, 22],
  [24, 6],
] as const;

/** Whether this release of Node.js can run the client. */
export function canRunClient(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [, newest] = SUPPORTED;
  if (major > newest[0]) return true;
  return SUPPORTED.some(([ofMajor, ofMinor]) => major === ofMajor && minor >= ofMinor);
}

/**
 * Loads the client, which nobody without Kafka has use for.
 *
 * @throws {KafkaUnusableError} when this Node.js is too old for it, or it is not installed.
 */
export async function loadClient(version = process.versions.node): Promise<KafkaClient> {
  if (!canRunClient(version)) {
    const oldest = SUPPORTED.map((release) => `${release.join('.')} or later`).join(', or ');
    throw new KafkaUnusableError(`can't be used with Node.js ${version}`, `Node.js ${oldest}, or no kafka.brokers`);
  }
  try {
    return await import('@platformatic/kafka');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes("'@platformatic/kafka'")) throw error;
    throw new KafkaUnusableError(
      'needs the client of Kafka, an optional dependency that was left out',
      'npm install @platformatic/kafka beside the indexer, or no kafka.brokers',
    );
  }
}

/** How long a broker may take to answer; a fetch that finds nothing is held for less. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Pause between the client's own few tries, which end a hiccup; what lasts is told, and tried again here. */
const RETRY_MS = 200;
/** The longest pause between two signs of life. */
const MAX_HEARTBEAT_MS = 3_000;

/**
 * Options of a client that asks for messages.
 *
 * @throws {Error} when a file can't be read.
 */
export function fetcherOptions(options: KafkaOptions): ConsumerOptions<Buffer, Buffer, Buffer, Buffer> {
  return { ...baseOptions(options), groupId: options.group, requestTimeout: REQUEST_TIMEOUT_MS };
}

/**
 * Options of a client that is a member of the group.
 *
 * @throws {Error} when a file can't be read.
 */
export function memberOptions(options: KafkaOptions): ConsumerOptions<Buffer, Buffer, Buffer, Buffer> {
  const { group, sessionTimeoutMs } = options;
  return {
    ...baseOptions(options),
    groupId: group,
    autocommit: false,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: sessionTimeoutMs,
    heartbeatInterval: Math.min(MAX_HEARTBEAT_MS, Math.floor(sessionTimeoutMs / 3)),
    heartbeatStallTimeout: sessionTimeoutMs,
    // Joining is answered when all members have joined, or have been given up.
    requestTimeout: sessionTimeoutMs + REQUEST_TIMEOUT_MS,
  };
}

function baseOptions({ brokers, credentials, tls }: KafkaOptions): BaseOptions {
  return {
    clientId: 'botaudit-indexer',
    bootstrapBrokers: [...brokers],
    retryDelay: RETRY_MS,
    ...(credentials && { sasl: credentials }),
    ...(tls && { tls: tlsOptions(tls) }),
  };
}

function tlsOptions({ ca, certificate, key }: KafkaTls) {
  return {
    ...(ca !== undefined && { ca: readFileSync(ca) }),
    ...(certificate !== undefined && { cert: readFileSync(certificate) }),
    ...(key !== undefined && { key: readFileSync(key) }),
    minVersion: 'TLSv1.2' as const,
  };
}
