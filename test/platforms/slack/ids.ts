import { randomBytes } from 'node:crypto';
import { plant } from '../../support/planted/planted.ts';

/** The last one in this process: what is known of an id may be kept for as long as that. */
let last = 0;

/** Ids as Slack's look: a letter for the kind, then digits and capitals. */
export class Ids {
  #lastTs = 0;

  next(letter: string): string {
    last += 1;
    return `${letter}0${last.toString(36).toUpperCase().padStart(9, '0')}`;
  }

  /** The time in seconds and a number that tells messages apart: `1700000000.000100`. */
  timestamp(): string {
    this.#lastTs = Math.max(this.#lastTs + 1, Date.now() * 1_000);
    return `${Math.floor(this.#lastTs / 1_000_000)}.${String(this.#lastTs % 1_000_000).padStart(6, '0')}`;
  }
}

/** What nobody else may know, told apart by what it begins with. */
export function secret(prefix = ''): string {
  return plant('a secret of Slack', `${prefix}${randomBytes(18).toString('hex')}`);
}
