import type { KafkaError } from '../metrics/table.js';

/** What is wrong with Kafka. */
export interface KafkaProblem {
  readonly kind: KafkaError;
  /** In words, for people. */
  readonly reason: string;
}

/** An error of the client: it may hold others, and know the protocol's name of what the broker said. */
interface ClientFailure extends Error {
  readonly code?: unknown;
  readonly apiId?: unknown;
  readonly errors?: readonly ClientFailure[];
  readonly cause?: unknown;
}

/** What an error of the client means. */
export function problemOf(error: Error): KafkaProblem {
  const leaves = leavesOf(error);
  const last = leaves.at(-1) ?? error;
  const name = 'apiId' in last && typeof last.apiId === 'string' ? `${last.apiId}: ` : '';
  return { kind: kindOf(leaves), reason: `${name}${last.message}` };
}

/** Whether a broker said `apiId`. */
export function says(error: Error, apiId: string): boolean {
  return leavesOf(error).some((leaf) => leaf.apiId === apiId);
}

/** What errors tell that hold no others: each try's own. */
function leavesOf(error: ClientFailure): ClientFailure[] {
  const inner = [...(Array.isArray(error.errors) ? error.errors : []), error.cause];
  const leaves = inner.filter((one) => one instanceof Error).flatMap((one) => leavesOf(one));
  // A broker's word is more than what the client makes of it.
  return leaves.length > 0 && typeof error.apiId !== 'string' ? leaves : [error];
}

const UNREACHABLE: ReadonlySet<unknown> = new Set(['PLT_KFK_NETWORK', 'PLT_KFK_TIMEOUT']);
/** The second: there is one of that name, made anew. */
const NO_TOPIC: ReadonlySet<unknown> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID']);

function kindOf(leaves: readonly ClientFailure[]): KafkaError {
  if (leaves.some(({ apiId, code }) => code === 'PLT_KFK_AUTHENTICATION' || isForbidden(apiId))) return 'unauthorized';
  const last = leaves.at(-1);
  if (NO_TOPIC.has(last?.apiId) || last?.message.startsWith('Unknown topic')) return 'no_topic';
  const { code, syscall } = (last ?? {}) as NodeJS.ErrnoException;
  return UNREACHABLE.has(code) || syscall !== undefined ? 'unavailable' : 'unexpected';
}

function isForbidden(apiId: unknown): boolean {
  return typeof apiId === 'string' && /_AUTHORIZATION_FAILED$|^SASL_|_SASL_/.test(apiId);
}
