import { Failure } from '../failure.js';
import type { Origin } from './held.js';

/** Senders and what they send, so many are told. */
const MAX_TOLD = 1_000;

/** A principal, and the services in whose names it wrote. */
export interface SenderReport {
  readonly principal: string;
  readonly services: readonly string[];
}

/** Knows who may write in whose name, and who did. */
export class Origins {
  readonly #services: ReadonlyMap<string, readonly RegExp[]> | undefined;
  readonly #seen = new Map<string, Set<string>>();

  /**
   * @param services `principal=names` each: which services a principal speaks for, names parted by spaces, `*` stands for
   * anything. What is not in it speaks for its own name. `undefined`: any may write in any name.
   * @throws {Failure} when one is not of that form.
   */
  constructor(services: readonly string[] | undefined) {
    this.#services = services && new Map(services.map(speaksFor));
  }

  /** Who wrote in names that are not their own, where nothing says whether they may: a sentence each. */
  get strangers(): string[] {
    if (this.#services) return [];
    return this.senders.flatMap(({ principal, services }) => {
      const others = services.filter((name) => name !== principal);
      return others.length === 0
        ? []
        : [`${principal} wrote in the name of ${others.join(', ')}; who may do that, --services says`];
    });
  }

  /** Who wrote, in whose names. */
  get senders(): SenderReport[] {
    return [...this.#seen]
      .map(([principal, services]) => ({ principal, services: [...services].sort() }))
      .sort((a, b) => (a.principal < b.principal ? -1 : 1));
  }

  /** What is wrong with who wrote a record, if anything. */
  judge({ principal, service }: Origin): string | undefined {
    if (principal === undefined) return 'does not say with whose credential it came (audit.ingest.principal)';
    const name = service ?? '(no service.name)';
    const services = this.#seen.get(principal) ?? new Set();
    if (this.#seen.size < MAX_TOLD) this.#seen.set(principal, services);
    if (services.size < MAX_TOLD) services.add(name);
    if (!this.#services) return undefined;
    const allowed = this.#services.get(principal) ?? [patternOf(principal)];
    if (service !== undefined && allowed.some((pattern) => pattern.test(service))) return undefined;
    return `came with the credential of ${principal}, in the name of service ${name}`;
  }
}

/** Where a record differs from the first of its stream: a stream is of one process, which one credential ships. */
export function strayFrom(first: Origin, { principal, service, host }: Origin): string | undefined {
  if (service !== first.service) return `service.name is ${service}, that of its stream is ${first.service}`;
  if (host !== first.host) return `host.name is ${host}, that of its stream is ${first.host}`;
  // What was lost on the way and is written again from an archive, or by who reads Kafka, comes with another one.
  if (principal !== first.principal)
    return `came with the credential of ${principal}, its stream with ${first.principal}`;
  return undefined;
}

function speaksFor(text: string): [string, RegExp[]] {
  const at = text.indexOf('=');
  const names = text
    .slice(at + 1)
    .split(/\s+/)
    .filter((name) => name !== '');
  if (at < 1 || names.length === 0) {
    throw Failure.usage(
      `--services takes principal=names, such as 'moderator=moderation-bot moderation-*', not ${text}`,
    );
  }
  return [text.slice(0, at), names.map(patternOf)];
}

function patternOf(name: string): RegExp {
  const literal = name.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`);
}
