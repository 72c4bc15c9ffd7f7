import stringWidth from 'fast-string-width';
import { harmless } from './harmless.js';

/** A style of `util.styleText`; none is plain. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** One cell of a line, as it came: it is made harmless when it is laid out. */
export interface Cell {
  readonly text: string;
  readonly style?: Style | undefined;
}

/** Adds a style's escape codes, or returns the text as it is where the output shows no colours. */
export type Paint = (style: Style, text: string) => string;

/** How wide a column may grow to stay aligned; a longer value moves the rest of its own line alone. */
const MAX_COLUMN = 48;

const ELLIPSIS = '…';

const GRAPHEMES = new Intl.Segmenter();

/** Characters of one cell each: measured without looking further. */
const NARROW = /^[\x20-\x7e→←✓✗]*$/;

/** Cells on a terminal's grid that `text` takes. */
export function displayWidth(text: string): number {
  return NARROW.test(text) ? text.length : stringWidth(text);
}

/** `text` cut to `width` cells between two characters, the last cell an ellipsis where something was cut off. */
export function cutTo(text: string, width: number): string {
  let used = 0;
  /** Where to cut if it turns out that the whole does not fit. */
  let end = 0;
  for (const { segment, index } of GRAPHEMES.segment(text)) {
    used += displayWidth(segment);
    if (used > width) return width > 0 ? text.slice(0, end) + ELLIPSIS : '';
    if (used < width) end = index + segment.length;
  }
  return text;
}

/** Lays out lines of cells one after the other, aligned as far as the widths seen so far allow. */
export class Columns {
  readonly #paint: Paint;
  readonly #widest: number[];

  /** @param minimum widths that the columns start with. */
  constructor(paint: Paint, minimum: readonly number[]) {
    this.#paint = paint;
    this.#widest = [...minimum];
  }

  /**
   * One line, without its newline.
   *
   * @param width where it is cut, in cells of the terminal's grid; `Infinity` for nowhere.
   */
  line(cells: readonly Cell[], width: number): string {
    let out = '';
    let used = 0;
    /** Spaces due before the next cell that holds something. */
    let gap = 0;
    for (const [column, cell] of cells.entries()) {
      const text = harmless(cell.text);
      const taken = displayWidth(text);
      const widest = Math.max(this.#widest[column] ?? 0, taken > MAX_COLUMN ? 0 : taken);
      this.#widest[column] = widest;
      if (taken > 0) {
        const room = width - used - gap;
        if (room <= 0) return out;
        const shown = taken > room ? cutTo(text, room) : text;
        out += ' '.repeat(gap) + (cell.style ? this.#paint(cell.style, shown) : shown);
        if (taken > room) return out;
        used += gap + taken;
        gap = 0;
      }
      if (widest > 0) gap += widest - Math.min(taken, widest) + 1;
    }
    return out;
  }
}
