import type { MemoryRing } from './memory-ring.js';
import type { Sink } from './sink.js';

/** Lines that stay in memory, where no folder can be written. */
export class RingSink implements Sink {
  readonly streamDirectory = undefined;
  readonly locked = false;
  readonly #ring: MemoryRing;

  constructor(ring: MemoryRing) {
    this.#ring = ring;
  }

  get bytes(): number {
    return this.#ring.bytes;
  }

  prepare(): void {
    // There is no folder.
  }

  append(line: string): void {
    this.#ring.append(line);
  }

  flush(): void {
    // Nothing waits here to get elsewhere.
  }

  *makeRoom(): Generator<void, void, undefined> {
    // The ring makes its own.
  }

  close(): void {
    // What is in memory ends with the process.
  }
}
