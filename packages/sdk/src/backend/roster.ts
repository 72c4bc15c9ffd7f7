import type { BotInfo, FrameworkInfo } from '@botaudit/api';

/** More than a process has; what announces itself without end must not fill the memory. */
const MAX_ENTRIES = 1_000;

/** The frameworks and bots of this thread, and how many records each framework left. */
export class Roster {
  readonly #frameworks = new Map<string, FrameworkInfo>();
  readonly #bots = new Map<string, BotInfo>();
  readonly #records = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#frameworks.size === 0;
  }

  /** @returns whether it was not known yet. */
  addFramework(framework: FrameworkInfo): boolean {
    const key = `${framework.name}@${framework.version}`;
    if (this.#frameworks.has(key) || this.#frameworks.size >= MAX_ENTRIES) return false;
    this.#frameworks.set(key, framework);
    return true;
  }

  /** A name that became known is added to the bot; none is taken away. */
  addBot({ id, platform, name }: BotInfo): void {
    if (this.#bots.size >= MAX_ENTRIES && !this.#bots.has(id)) return;
    this.#bots.set(id, { id, platform, name: name ?? this.#bots.get(id)?.name });
  }

  /** @param framework `undefined` for an event of the application's own. */
  count(framework: unknown): void {
    const name = typeof framework === 'string' ? framework : 'application';
    if (this.#records.size >= MAX_ENTRIES && !this.#records.has(name)) return;
    this.#records.set(name, (this.#records.get(name) ?? 0) + 1);
  }

  bots(): BotInfo[] {
    return [...this.#bots.values()];
  }

  frameworks(): FrameworkInfo[] {
    return [...this.#frameworks.values()];
  }

  /** Records by framework, since the start. */
  records(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#records);
  }
}
