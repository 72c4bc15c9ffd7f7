import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type IndexerConfigSources, loadIndexerConfig } from '../config/load-config.js';
import { Cluster } from '../elasticsearch/cluster.js';
import type { NotStoredError } from '../elasticsearch/delivery.js';
import { Destination } from '../elasticsearch/destination.js';
import { type Acceptance, Intake } from '../intake.js';
import { MemoryBudget } from '../memory-budget.js';
import { IndexerMetrics } from '../metrics/metrics.js';
import type { RecordResult } from '../metrics/table.js';
import { visitJson } from '../otlp/json.js';
import { NotOtlpError } from '../otlp/received.js';
import { Senders } from '../senders.js';
import { archiveLines } from './archive-lines.js';

/** Options of {@link replayArchive}. */
export interface ReplayArchiveOptions extends IndexerConfigSources {
  /** Files of OTLP JSON lines, as a collector's `file` exporter writes them; `.gz` and `.zst` are decompressed. */
  readonly files: readonly string[];
  /** Aborted when it is to end before its time. */
  readonly signal: AbortSignal;
  /** Takes a line for people. */
  readonly say: (message: string) => void;
}

/** A file of an archive can't be read, wholly or in part. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

/** What became of an archive. */
export interface ArchiveReport {
  readonly files: number;
  /** Lines that were read. */
  readonly lines: number;
  /** Lines of which a part, or all, is no OTLP: it stands with the rejected records. */
  readonly damaged: number;
  /** Records, by what became of them; those of a line that was written twice count twice. */
  readonly records: Readonly<Record<RecordResult, number>>;
  /** Whether each record has its place. */
  readonly complete: boolean;
}

/** Whose credential is recorded: an archive does not say with which one its records came. */
const PRINCIPAL = 'archive';

/** How every line of an archive begins. */
const LINE_START = Buffer.from('{"resourceLogs":');

/**
 * Writes the records of an archive into Elasticsearch: what `botaudit index --archive` does. What is there already stays
 * as it is, so it can be done again, and in parts. Elasticsearch is waited for.
 *
 * @throws {ConfigError} when the configuration is wrong.
 * @throws {ArchiveError} when a file can't be read: before anything is written, unless it shows on the way.
 */
export async function replayArchive({ files, signal, say, ...sources }: ReplayArchiveOptions): Promise<ArchiveReport> {
  const config = loadIndexerConfig(sources);
  for (const warning of config.warnings) say(warning);
  for (const file of files) {
    await access(file, constants.R_OK).catch(({ message }: Error) => {
      throw new ArchiveError(`${file} can't be read: ${message}`);
    });
  }
  const metrics = new IndexerMetrics();
  const budget = new MemoryBudget(config.maxPendingBytes);
  const cluster = new Cluster(config.elasticsearch);
  const { namespace, bulk: limits } = config;
  const destination = new Destination({ cluster, namespace, limits, budget, metrics, say });
  const replay = new Replay(new Intake(destination, metrics, namespace), budget, say);
  const stop = () => destination.stop();
  signal.addEventListener('abort', stop, { once: true });
  destination.start();
  try {
    try {
      for (const file of files) await replay.read(file, signal);
    } finally {
      await replay.settled();
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    await cluster.close();
  }
  const { lines, damaged, isComplete } = replay;
  return { files: files.length, lines, damaged, records: metrics.results, complete: isComplete && !signal.aborted };
}

function fail(file: string, { message }: Error): never {
  throw new ArchiveError(`${file} can't be read to its end: ${message}`);
}

class Replay {
  lines = 0;
  damaged = 0;
  isComplete = true;
  readonly #intake: Intake;
  readonly #budget: MemoryBudget;
  readonly #say: (message: string) => void;
  readonly #sender = new Senders({ [PRINCIPAL]: '*' }).of(PRINCIPAL);
  readonly #waiting = new Set<Promise<void>>();

  constructor(intake: Intake, budget: MemoryBudget, say: (message: string) => void) {
    this.#intake = intake;
    this.#budget = budget;
    this.#say = say;
  }

  async read(file: string, signal: AbortSignal): Promise<void> {
    try {
      for await (const { bytes, number } of archiveLines(file)) {
        // Waits here while Elasticsearch takes nothing.
        if (!(await this.#budget.reserve(bytes.length, 'archive', signal))) return;
        this.lines++;
        this.#take(bytes, `${file}:${number}`);
        this.#budget.give(bytes.length);
        await nextTurn();
      }
    } catch (error) {
      fail(file, error as Error);
    }
  }

  /** Resolves when each record has its place, or was given up. */
  async settled(): Promise<void> {
    while (this.#waiting.size > 0) await Promise.all(this.#waiting);
  }

  #take(line: Buffer, place: string): void {
    const acceptance = this.#accept(line);
    if (acceptance) this.#await(acceptance, place);
    else this.#takeDamaged(line, place);
  }

  /** A collector that was killed in mid-write leaves half a line, to which its next start appends: the rest is whole. */
  #takeDamaged(line: Buffer, place: string): void {
    this.damaged++;
    for (let at = line.indexOf(LINE_START, 1); at >= 0; at = line.indexOf(LINE_START, at + 1)) {
      const rest = this.#accept(line.subarray(at));
      if (!rest) continue;
      this.#await(rest, place);
      this.#say(`${place} begins with half a line, whose sender never heard that it was taken`);
      this.#refuse(line.subarray(0, at), 'half a line: what wrote it was ended before its end', place);
      return;
    }
    this.#say(`${place} is no OTLP in JSON, or only a part of it`);
    this.#refuse(line, 'a line of an archive that is no OTLP in JSON, or only a part of it', place);
  }

  /** The acceptance of what is OTLP. */
  #accept(bytes: Buffer): Acceptance | undefined {
    try {
      return this.#intake.accept(this.#sender, (visit) => visitJson(bytes, visit));
    } catch (error) {
      if (error instanceof NotOtlpError) return undefined;
      throw error;
    }
  }

  #refuse(bytes: Buffer, reason: string, place: string): void {
    const original = bytes.toString(isUtf8(bytes) ? 'utf8' : 'base64');
    this.#await(this.#intake.refuse(this.#sender, { type: 'not_otlp', reason, original }), place);
  }

  #await({ done }: Acceptance, place: string): void {
    const waiting = done
      .catch((error: NotStoredError) => {
        this.isComplete = false;
        if (error.reason !== 'stopping') this.#say(`${place} has no place in Elasticsearch: ${error.message}`);
      })
      .finally(() => this.#waiting.delete(waiting));
    this.#waiting.add(waiting);
  }
}
