import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addToClaimFile, type ClaimNote, makeClaimFile, readClaimFile } from './claim-file.js';
import { REMEMBERED_MS } from './memory.js';

const FOLDER = 'claims';
const DAY_MS = 24 * 60 * 60 * 1000;
const DAY = /^\d{1,7}$/;
const RELEASED = '.released';

/** So many claims are kept; when there are more, the oldest go. */
const MOST = 10_000;
/** After so many claims of this process it is looked which are out of date. */
const TIDY_AFTER = 1_000;

/** Something is claimed, by this process or any other of the folder. */
export interface Held extends Partial<ClaimNote> {
  /** Its name: SHA-256, hex. */
  readonly id: string;
}

/** The claim is this process's: nobody else of the folder has it, or gets it. */
export class Claim {
  readonly id: string;
  readonly #path: string;

  constructor(id: string, path: string) {
    this.id = id;
    this.#path = path;
  }

  note(note: Partial<ClaimNote>): void {
    addToClaimFile(this.#path, note);
  }

  /** It may be claimed again: what it stands for has not happened. Never throws. */
  drop(): void {
    try {
      unlinkSync(this.#path);
    } catch {
      // It was released by hand, or can't be removed and then runs out.
    }
  }
}

/**
 * Claims of a journal's folder, each a file that only one process can make. They stand in a folder for each day, so that
 * one that is out of date never has to be replaced: two processes could take it for that at the same time.
 */
export class Claims {
  readonly #root: string;
  readonly #now: () => number;
  readonly #most: number;
  #made = 0;

  /** @param most default 10,000; it and `now` are there for tests. */
  constructor(directory: string, now: () => number = Date.now, most: number = MOST) {
    this.#root = join(directory, FOLDER);
    this.#now = now;
    this.#most = most;
  }

  /**
   * Claims `key` for 24 hours, unless it is claimed.
   *
   * @throws what the file system throws: nobody knows then.
   */
  take(key: string, note: Omit<ClaimNote, 'at'>): Claim | Held {
    if (this.#made++ % TIDY_AFTER === 0) this.#tidy();
    const id = claimId(key);
    const held = this.#find(id, this.#days());
    if (held) return held;
    const day = dayOf(this.#now());
    const path = join(this.#root, day, id);
    try {
      this.#make(path, day, { ...note, at: this.#now() });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return { ...readClaimFile(path), id };
    }
    // At the turn of the day, or while the clock is set, another process may have made it in the folder of another one.
    const others = this.#days().filter((other) => other !== day);
    const other = this.#find(id, others);
    if (!other) return new Claim(id, path);
    unlinkSync(path);
    return other;
  }

  /** Whether somebody let go of it by hand, so that what is known of it elsewhere does not count. */
  isReleased(key: string): boolean {
    const name = `${claimId(key)}${RELEASED}`;
    return this.#days().some((day) => this.#isValid(join(this.#root, day, name)));
  }

  /** All claims that hold, the latest last. */
  list(): Held[] {
    const held = this.#days().flatMap((day) =>
      readdirSync(join(this.#root, day))
        .filter((name) => CLAIM.test(name))
        .map((id) => ({ id, path: join(this.#root, day, id) })),
    );
    return held
      .filter(({ path }) => this.#isValid(path))
      .map(({ id, path }) => ({ at: statSync(path, { throwIfNoEntry: false })?.mtimeMs, ...readClaimFile(path), id }))
      .sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
  }

  /**
   * Lets go of a claim by hand: what it stands for may happen again.
   *
   * @returns whether there was one.
   */
  release(id: string): boolean {
    const days = this.#days().filter((day) => this.#isValid(join(this.#root, day, id)));
    for (const day of days) {
      const path = join(this.#root, day, id);
      // First, so that nobody goes by what the journal tells of it.
      writeFileSync(`${path}${RELEASED}`, '', { mode: 0o600 });
      unlinkSync(path);
    }
    return days.length > 0;
  }

  #make(path: string, day: string, note: ClaimNote): void {
    try {
      makeClaimFile(path, note);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      mkdirSync(join(this.#root, day), { recursive: true, mode: 0o700 });
      makeClaimFile(path, note);
    }
  }

  #find(id: string, days: readonly string[]): Held | undefined {
    for (const day of days) {
      const path = join(this.#root, day, id);
      if (this.#isValid(path)) return { ...readClaimFile(path), id };
    }
    return undefined;
  }

  /** One from a time that is yet to come holds: the clock has been set back since. */
  #isValid(path: string): boolean {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats !== undefined && this.#now() - stats.mtimeMs <= REMEMBERED_MS;
  }

  #days(): string[] {
    try {
      return readdirSync(this.#root).filter((name) => DAY.test(name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  /** Removes what is out of date, and the oldest of too many. Never throws. */
  #tidy(): void {
    try {
      const today = Number(dayOf(this.#now()));
      const names = new Map(this.#days().map((day) => [day, readdirSync(join(this.#root, day))]));
      const count = [...names.values()].reduce((sum, { length }) => sum + length, 0);
      const excess = count > this.#most ? count - Math.floor(this.#most * 0.9) : 0;
      const looked = [...names].filter(([day]) => excess > 0 || Number(day) < today);
      const files = looked.flatMap(([day, all]) =>
        all.flatMap((name) => {
          const path = join(this.#root, day, name);
          const stats = statSync(path, { throwIfNoEntry: false });
          return stats ? [{ path, at: stats.mtimeMs }] : [];
        }),
      );
      files.sort((a, b) => a.at - b.at);
      const now = this.#now();
      for (const [index, { path, at }] of files.entries()) {
        if (index < excess || now - at > REMEMBERED_MS) unlinkSync(path);
      }
      for (const [day] of looked) if (Number(day) < today - 1) rmdirSync(join(this.#root, day));
    } catch {
      // Another process tidies too, or a folder is not empty yet: what is left is found the next time.
    }
  }
}

const CLAIM = /^[0-9a-f]{64}$/;

/** A key may hold anything; a file name may not. */
function claimId(key: string): string {
  return hash('sha256', key);
}

function dayOf(ms: number): string {
  return String(Math.floor(ms / DAY_MS));
}
