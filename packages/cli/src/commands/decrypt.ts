import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { canonicalRecord } from '@botaudit/record';
import { type DecryptionKey, DecryptionKeyError, readDecryptionKeys } from '@botaudit/sdk/protection';
import { EXIT, Failure } from '../failure.js';
import { decryptRecord } from '../journal/decrypt-record.js';
import { findRecord } from '../journal/find-record.js';
import { type JournalOptions, locateJournal } from '../journal/locate.js';
import { mergeByTime } from '../journal/merge.js';
import { isOpenToOthers, readKeyFile } from '../keys/key-files.js';
import { Output } from '../output.js';
import { say } from '../stderr.js';
import { harmlessJson } from '../text/harmless.js';
import { Reading } from './reading.js';

/** Options of `botaudit decrypt`. */
export interface DecryptOptions extends JournalOptions {
  readonly key: readonly string[];
}

/**
 * Prints records with their encrypted values decrypted, a line of JSON each.
 *
 * @param what a record's id, a file of records, or `-` for standard input; default: all of the journal that hold anything
 * encrypted.
 */
export async function decrypt(what: string | undefined, options: DecryptOptions): Promise<void> {
  const keys = options.key.flatMap(keysIn);
  const output = new Output();
  const printer = new DecryptedPrinter(output, keys);
  const isInput = what === '-' || (what !== undefined && existsSync(what));
  // The journal is only looked for where it is read.
  const reading = new Reading(isInput ? undefined : await locateJournal(options));
  if (isInput) {
    // Whoever chose these records gets them all.
    for await (const line of linesOf(what === '-' ? process.stdin : createReadStream(what as string))) {
      await printer.print(reading, line, true);
      if (output.closed) return;
    }
  } else if (what !== undefined) {
    await printer.print(reading, findRecord(reading, what).read.line, true);
  } else {
    for (const { read } of mergeByTime(reading.streams, reading.onTrouble)) {
      if (mayBeEncrypted(read.line)) await printer.print(reading, read.line, false);
      if (output.closed) return;
    }
  }
  await output.flush();
  process.exitCode = reading.finish(printer.finish());
}

function keysIn(path: string): readonly DecryptionKey[] {
  const text = readKeyFile(path);
  try {
    const keys = readDecryptionKeys(text);
    if (isOpenToOthers(path)) say(`${path} may be read by others than its owner: chmod 600`);
    return keys;
  } catch (error) {
    if (error instanceof DecryptionKeyError) throw new Failure(`${path} ${error.message}`);
    throw error;
  }
}

function linesOf(input: Readable): AsyncIterable<string> {
  return createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

/** Cheap, on the undecoded line: both forms of a JWE, as they stand in JSON. */
function mayBeEncrypted(line: string): boolean {
  return line.includes('"eyJ') || line.includes('\\"ciphertext\\"');
}

/** Prints records, and counts what could be decrypted. */
class DecryptedPrinter {
  readonly #output: Output;
  readonly #keys: readonly DecryptionKey[];
  readonly #kids = new Set<string>();
  #decrypted = 0;
  #foreign = 0;
  #broken = 0;

  constructor(output: Output, keys: readonly DecryptionKey[]) {
    this.#output = output;
    this.#keys = keys;
  }

  /** @param all whether also a record is printed in which nothing was decrypted. */
  async print(reading: Reading, line: string, all: boolean): Promise<void> {
    if (line.trim() === '') return;
    const record = reading.decode(line);
    if (!record) return;
    const result = decryptRecord(record, this.#keys);
    this.#decrypted += result.decrypted;
    this.#foreign += result.foreign;
    this.#broken += result.broken;
    for (const kid of result.kids) this.#kids.add(kid);
    if (!all && result.decrypted === 0) return;
    const text = result.decrypted > 0 ? canonicalRecord(result.record) : line;
    await this.#output.line(this.#output.isTerminal ? harmlessJson(text) : text);
  }

  /** Says what could not be decrypted. Returns the exit code. */
  finish(): number {
    if (this.#foreign > 0) {
      say(`${values(this.#foreign)} encrypted to other keys: ${[...this.#kids].slice(0, 10).join(', ')}`);
    }
    if (this.#broken > 0)
      say(`${values(this.#broken)} encrypted to a given key, and can't be decrypted: changed since`);
    if (this.#decrypted === 0 && this.#foreign + this.#broken === 0) say('nothing there is encrypted');
    return this.#decrypted > 0 && this.#foreign + this.#broken === 0 ? EXIT.ok : EXIT.no;
  }
}

function values(count: number): string {
  return count === 1 ? 'one value is' : `${count} values are`;
}
