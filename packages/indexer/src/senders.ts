import type { Sender } from './intake.js';

/** Kept senders; names from outside must not make memory grow. */
const MAX_KEPT = 1_000;

/** Knows of each principal which services it speaks for. */
export class Senders {
  readonly #services: Readonly<Record<string, string>>;
  readonly #known = new Map<string, Sender>();

  /** @param services patterns of a principal, parted by white space; `*` stands for anything. Default: its own name. */
  constructor(services: Readonly<Record<string, string>>) {
    this.#services = services;
  }

  /** The principal as a sender of records. */
  of(principal: string): Sender {
    const known = this.#known.get(principal);
    if (known) return known;
    const patterns = words(Object.hasOwn(this.#services, principal) ? this.#services[principal] : principal);
    const expressions = patterns.map(patternOf);
    const sender = { principal, speaksFor: (service: string) => expressions.some((one) => one.test(service)) };
    if (this.#known.size >= MAX_KEPT) this.#known.clear();
    this.#known.set(principal, sender);
    return sender;
  }
}

/** Words that white space parts. */
export function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

function patternOf(text: string): RegExp {
  const literal = text.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`);
}
