import { hash } from 'node:crypto';
import { vi } from 'vitest';
import { compressionSteps } from '../../src/compression.js';
import {
  Adoption,
  adoptable,
  cursorAfter,
  type Durability,
  type JournalWriteError,
  JournalWriter,
  listStreams,
  loadCursor,
  recoverStream,
  StreamReader,
  saveCursor,
} from '../../src/index.js';
import { drain } from '../../src/steps.js';
import { readLines, streamInfo } from '../sample.js';
import { type Fault, SimulatedDisk } from './disk.js';
import { use } from './file-system.js';
import { endWorkers, syncAll } from './sync-workers.js';
import { errorsIn, WrittenStream } from './written-stream.js';

/** The journal's folder. */
const DIRECTORY = '/journal';

/** What happens on a machine. */
export type Step =
  | { readonly kind: 'append'; readonly bytes: number; readonly sync: boolean }
  /** The thread that syncs has its turn. */
  | { readonly kind: 'sync' }
  | { readonly kind: 'flush' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'fault'; readonly call: string; readonly fault: Fault }
  | { readonly kind: 'full'; readonly isFull: boolean }
  /** The shipper sends some records and stores how far it got. */
  | { readonly kind: 'ship'; readonly records: number }
  /** The thread that compresses has its turn. */
  | { readonly kind: 'compress' }
  /** The process ends, by itself or not, and another one starts, and adopts what was left. */
  | { readonly kind: 'restart'; readonly isKilled: boolean };

/** A machine on which processes write a journal, one after the other, and what its users were promised. */
export class Machine {
  readonly disk = new SimulatedDisk();
  readonly #durability: Durability;
  readonly #streams = new Map<string, WrittenStream>();
  /** Lines that the receiver got. */
  readonly #delivered = new Set<string>();
  #stream = new WrittenStream();
  #writer: JournalWriter | undefined;
  /** A background sync failed, and the writer has not heard of it yet. */
  #isSyncBroken = false;
  /** Failures of the disk when the writer was last asked to tell of what they cost. */
  #told = 0;

  constructor(durability: Durability) {
    this.#durability = durability;
    endWorkers();
    use(this.disk);
    this.disk.make(DIRECTORY, 'folder', 0o700);
    this.disk.make(`${DIRECTORY}/streams`, 'folder', 0o700);
  }

  /** Starts a process, has it do all steps, and ends it. Stops where the machine crashes. */
  run(steps: readonly Step[]): void {
    this.#start();
    for (const step of steps) {
      if (this.disk.isDown) return;
      this.#do(step);
    }
    if (!this.disk.isDown) this.#end(false);
  }

  /** Kills the process. */
  kill(): void {
    endWorkers();
    vi.clearAllTimers();
    this.disk.restart();
  }

  /** Cuts the power. */
  losePower(pick: (most: number) => number, isOrderly: boolean): void {
    this.kill();
    this.disk.losePower(pick, isOrderly);
  }

  /** What is wrong with what is there, after a crash. Empty when all is as promised. */
  violations(after: 'kill' | 'orderly power loss' | 'power loss'): string[] {
    const wrong: string[] = [];
    const promise = after === 'kill' ? 'isSafe' : 'isSynced';
    const present = new Map(listStreams(DIRECTORY).map((entry) => [entry.streamId, entry]));
    for (const stream of this.#streams.values()) {
      const entry = present.get(stream.id);
      const found = entry ? readLines(entry.directory) : [];
      const known = stream.lines.map(({ text }) => text);
      if (stream.pending !== undefined) known.push(stream.pending);
      const places = found.map((line) => known.indexOf(line));
      if (places.includes(-1)) wrong.push('a record is there that was never appended');
      if (places.some((place, index) => index > 0 && place <= places[index - 1]!))
        wrong.push('records twice, or moved');
      const missing = stream.lines.filter((line) => line[promise] && !found.includes(line.text));
      if (missing.length > 0) wrong.push(`${missing.length} records are missing that were promised`);
      if (after === 'kill' && places.some((place, index) => place !== index))
        wrong.push('a record is missing in between');
      if (!entry) continue;
      // The crash may come between a failed sync and the writer telling of it, with a later line synced meanwhile.
      const isUntold = stream === this.#stream && this.disk.suffered > this.#told;
      const isWholeExpected =
        after === 'kill' ||
        (after === 'orderly power loss' && this.#durability === 'power' && !stream.hasDoubts && !isUntold);
      if (isWholeExpected) wrong.push(...errorsIn(entry.directory));
      const { tip } = recoverStream(entry);
      if (found.length > 0 && tip?.hash !== hash('sha256', found.at(-1)!)) wrong.push('the tip is not the last record');
    }
    return wrong;
  }

  /** A process that comes after all crashes ships what is there. What is wrong with what the receiver has then. */
  violationsOfDelivery(after: 'kill' | 'power loss'): string[] {
    const wrong: string[] = [];
    this.#adoptAll();
    if (adoptable(DIRECTORY).length > 0) wrong.push('something is left to adopt');
    const promise = after === 'kill' ? 'isSafe' : 'isSynced';
    for (const { lines } of this.#streams.values()) {
      const missing = lines.filter((line) => line[promise] && !this.#delivered.has(line.text));
      if (missing.length > 0) wrong.push(`${missing.length} records were promised and never delivered`);
    }
    const known = new Set(
      [...this.#streams.values()].flatMap(({ lines, pending }) => [...lines.map(({ text }) => text), pending]),
    );
    for (const line of this.#delivered)
      if (!known.has(line)) wrong.push('a record was delivered that was never appended');
    if (this.disk.openCount > 0) wrong.push(`${this.disk.openCount} files are still open`);
    return wrong;
  }

  #do(step: Step): void {
    switch (step.kind) {
      case 'append':
        this.#append(step.bytes, step.sync);
        break;
      case 'sync':
        this.#sync();
        break;
      case 'flush':
        this.#flush();
        break;
      case 'wait':
        this.disk.now += step.ms;
        vi.advanceTimersByTime(step.ms);
        break;
      case 'fault':
        this.disk.faults.set(step.call, [...(this.disk.faults.get(step.call) ?? []), step.fault]);
        break;
      case 'full':
        this.disk.isFull = step.isFull;
        break;
      case 'ship':
        this.#ship(this.#writer?.streamDirectory, step.records);
        break;
      case 'compress':
        this.#compress();
        break;
      case 'restart':
        this.#end(step.isKilled);
        if (!this.disk.isDown) this.#start();
        if (!this.disk.isDown) this.#adoptAll();
    }
  }

  #start(): void {
    this.#stream = new WrittenStream();
    this.#streams.set(this.#stream.id, this.#stream);
    const stream = this.#stream;
    this.#isSyncBroken = false;
    this.#told = this.disk.suffered;
    this.#writer = JournalWriter.open({
      directory: DIRECTORY,
      streamId: stream.id,
      info: streamInfo(stream.id),
      durability: this.#durability,
      limits: { maxBytes: 1024 ** 4, minFreeBytes: 0 },
      segmentMaxBytes: 2500,
      segmentMaxAgeMs: 60_000,
      onUnsynced: ({ lines }) => stream.doubt(lines),
    });
  }

  #end(isKilled: boolean): void {
    const { disk } = this;
    if (!isKilled) {
      const suffered = disk.suffered;
      this.#writer?.close();
      if (!disk.isDown && disk.suffered === suffered && !disk.isFull) {
        this.#stream.settle('isSafe');
        if (this.#durability === 'power' && !this.#isSyncBroken) this.#stream.settle('isSynced');
      }
      if (disk.isDown) return;
    }
    // Files that a process has open, and its locks, end with it; the calls go on being counted.
    const { calls, crashAt } = disk;
    endWorkers();
    vi.clearAllTimers();
    disk.restart();
    disk.calls = calls;
    disk.crashAt = crashAt;
  }

  #append(bytes: number, sync: boolean): void {
    const stream = this.#stream;
    const text = stream.chain.seal({ 'bot.text': 'x'.repeat(bytes) });
    stream.pending = text;
    let isAppended = true;
    try {
      this.#writer?.append(text, { sync });
    } catch (error) {
      isAppended = false;
      if ((error as JournalWriteError).written) this.#wrote(text);
    }
    // Of a call that never returned nobody knows what it did.
    if (this.disk.isDown) return;
    stream.pending = undefined;
    // Tells of what could not be synced: of lines before this one, unless it was refused.
    if (this.#durability !== 'memory') {
      this.#writer?.flush();
      if (!this.disk.isDown) this.#told = this.disk.suffered;
    }
    if (!isAppended) return;
    this.#wrote(text);
    this.#isSyncBroken = false;
    if (sync && this.#durability === 'memory') stream.settle('isSafe');
    if (sync && this.#durability === 'power') stream.settle('isSynced');
  }

  #wrote(text: string): void {
    this.#stream.lines.push({ text, isSafe: this.#durability !== 'memory', isSynced: false, isDoubtful: false });
    this.#stream.chain.commit();
  }

  #sync(): void {
    const { suffered } = this.disk;
    syncAll();
    if (this.disk.isDown) return;
    if (this.disk.suffered > suffered) this.#isSyncBroken = true;
    if (!this.#isSyncBroken && this.#durability === 'power') this.#stream.settle('isSynced');
  }

  #flush(): void {
    try {
      this.#writer?.flush();
      if (!this.disk.isDown && this.#durability === 'memory') this.#stream.settle('isSafe');
    } catch {
      // What is buffered stays so.
    }
  }

  /** Sends records of a stream, from where the last one was acknowledged. Returns whether there were any. */
  #ship(streamDirectory: string | undefined, records: number): boolean {
    if (streamDirectory === undefined) return false;
    return this.#tolerating(() => {
      const reader = new StreamReader(streamDirectory, { from: loadCursor(streamDirectory) });
      try {
        const lines = reader.read(records);
        for (const { line } of lines) this.#delivered.add(line);
        const last = lines.at(-1);
        if (last) saveCursor(streamDirectory, cursorAfter(last));
        return lines.length > 0;
      } finally {
        reader.close();
      }
    });
  }

  #adoptAll(): void {
    this.#tolerating(() => {
      for (const entry of adoptable(DIRECTORY)) {
        const adoption = Adoption.take(entry);
        if (!adoption) continue;
        try {
          recoverStream(entry);
          while (this.#ship(entry.directory, 5));
          adoption.recovered({ streamId: this.#stream.id });
        } finally {
          adoption.release();
        }
      }
      return true;
    });
  }

  #compress(): void {
    this.#tolerating(() => {
      drain(compressionSteps(DIRECTORY, { own: this.#stream.id, leastBytes: 0 }));
      return true;
    });
  }

  /** Whoever comes across an error of the disk, or ends in the middle, may say so; nobody else. */
  #tolerating(task: () => boolean): boolean {
    const { suffered } = this.disk;
    try {
      return task();
    } catch (error) {
      if (!this.disk.isDown && this.disk.suffered === suffered && !this.disk.isFull) throw error;
      return false;
    }
  }
}
