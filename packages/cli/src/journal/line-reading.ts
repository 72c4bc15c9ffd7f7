import { hash } from 'node:crypto';
import type { RawLine } from '@botaudit/journal';
import { createLineReader, type LineRead, type VerifierLine } from '@botaudit/record';
import { ChainReader, type Follow } from '../verify/chain-only.js';
import type { ReadLine } from '../verify/packed-lines.js';

/** Reads lines for a verifier. */
export class LineReading {
  /** In which form it wants those of a segment. */
  readonly form: 'text' | 'blocks';
  readonly #chain: ChainReader | undefined;
  readonly #readInFull = createLineReader((text) => hash('sha256', text));

  /** @param chainOnly whether only the chain matters. */
  constructor(chainOnly: boolean) {
    this.#chain = chainOnly ? new ChainReader() : undefined;
    this.form = chainOnly ? 'blocks' : 'text';
  }

  read(line: VerifierLine): LineRead {
    return this.#chain ? this.#chain.read(line) : this.#readInFull(line);
  }

  /**
   * Reads what stands next in a segment of a stream, one line or several.
   *
   * @param follow where only the chain matters, takes in what just goes on with it.
   * @param take takes in whatever else.
   */
  each(stream: string, piece: RawLine, follow: Follow, take: (line: ReadLine) => void): void {
    const { text, bytes, block, terminated, defect } = piece;
    if (block) this.#chain?.readBlock(stream, block, follow, (read) => take({ found: piece, read }));
    else take({ found: piece, read: this.read({ stream, holds: 'records', line: text ?? bytes, terminated, defect }) });
  }
}
