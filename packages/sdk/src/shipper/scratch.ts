/** Memory that is used again and again: half a megabyte of new memory a request would keep the garbage collector busy. */
export class Scratch {
  #bytes = Buffer.allocUnsafeSlow(1024);
  #length = 0;

  /** Forgets what was written, for the next use. */
  clear(): void {
    this.#length = 0;
  }

  /** Appends text, as UTF-8. */
  write(text: string): void {
    // A code unit takes three bytes at most. What is never written to is not taken from the system.
    const needed = this.#length + text.length * 3;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** What was written since `clear`. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}
