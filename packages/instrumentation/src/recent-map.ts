/** A map that forgets what was neither set nor asked for the longest time when it has more than `most` members. */
export class RecentMap<K, V extends NonNullable<unknown>> {
  readonly #most: number;
  /** The one that is forgotten next stands first. */
  readonly #members = new Map<K, V>();

  constructor(most: number) {
    this.#most = most;
  }

  get(key: K): V | undefined {
    const value = this.#members.get(key);
    if (value !== undefined) this.#renew(key, value);
    return value;
  }

  /** What `key` had; it is forgotten. */
  take(key: K): V | undefined {
    const value = this.#members.get(key);
    this.#members.delete(key);
    return value;
  }

  set(key: K, value: V): void {
    this.#renew(key, value);
    if (this.#members.size > this.#most)
      for (const oldest of this.#members.keys()) return void this.#members.delete(oldest);
  }

  #renew(key: K, value: V): void {
    this.#members.delete(key);
    this.#members.set(key, value);
  }
}
