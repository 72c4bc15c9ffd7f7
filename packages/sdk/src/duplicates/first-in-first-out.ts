/**
 * A map of so many members at most: the one that came first goes first. A Map's own order would do, but to find its first
 * member takes the longer the more have gone before.
 */
export class FirstInFirstOut<V extends object | string> {
  readonly #most: number;
  readonly #members = new Map<string, V>();
  /** Keys and values in the order in which they came, the next to go at `#next`; some have been deleted since. */
  readonly #keys: string[] = [];
  readonly #values: V[] = [];
  #next = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): V | undefined {
    return this.#members.get(key);
  }

  /** Adds a member; one that is there already keeps its place and its value. */
  add(key: string, value: V): void {
    if (this.#members.has(key)) return;
    this.#members.set(key, value);
    const oldest = this.#keys[this.#next];
    if (oldest !== undefined && oldest !== key && this.#members.get(oldest) === this.#values[this.#next]) {
      this.#members.delete(oldest);
    }
    this.#keys[this.#next] = key;
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#most;
  }

  delete(key: string): void {
    this.#members.delete(key);
  }
}
