import { AuditUnavailableError, DuplicateActionError, type Occurrence, type OccurrenceQuery } from '@botaudit/api';
import { ATTR_BOT_DUPLICATE, ATTR_BOT_DUPLICATE_OF, eventDefinition, type Outcome } from '@botaudit/record';
import type { MetricSink } from '../metrics/index.js';
import { Claim, Claims, type Held } from './claims.js';
import { JournalKeys } from './journal-keys.js';
import { DuplicateMemory, type Happened } from './memory.js';

/** What is needed to tell duplicates. */
export interface DuplicatesOptions {
  /** The journal's folder, found when it is first asked for; `undefined` where there is none. */
  readonly directory: () => string | undefined;
  /** Id of this thread's stream. */
  readonly own: string;
  readonly metrics: MetricSink;
  /** Why hashes of arguments hold for this run alone, if they do. */
  readonly hashProblem: () => string | undefined;
  /** Something must happen once and could not be, since nobody can tell whether it did. */
  readonly onUndecided: (query: OccurrenceQuery, reason: string) => void;
  readonly onError: (error: unknown) => void;
}

/** Tells what happens once more from what happens the first time. */
export class Duplicates {
  readonly #options: DuplicatesOptions;
  readonly #memory = new DuplicateMemory();
  #journal: JournalKeys | undefined;
  #claims: Claims | undefined;

  constructor(options: DuplicatesOptions) {
    this.#options = options;
  }

  /** Begins to read what other streams of the folder hold, in steps between other things. */
  start(): void {
    this.#keys()?.start();
  }

  stop(): void {
    this.#journal?.stop();
  }

  occurrence(query: OccurrenceQuery): Occurrence {
    const { key, onDuplicate } = query;
    if (onDuplicate === 'block') return this.#blockable(query);
    if (key === undefined) return NOT_TOLD;
    const now = Date.now();
    const first = this.#known(key, now);
    if (first) this.#count(query, query.kind);
    return this.#happens(key, now, first);
  }

  #known(key: string, now: number): Happened | undefined {
    (this.#journal ?? this.#keys())?.finish();
    return this.#memory.get(key, now);
  }

  #happens(key: string, now: number, first: Happened | undefined, claim?: Claim): Happening {
    const happened: Happened = { at: now, isOwn: true, recordId: undefined, isDone: false };
    if (!first) this.#memory.keep(key, happened);
    return new Happening(this.#memory, key, happened, first && marksOf(first.recordId), claim);
  }

  #blockable(query: OccurrenceQuery): Occurrence {
    const { key, name, kind } = query;
    if (key === undefined) return this.#undecided(query, 'its arguments can not be told apart', 'EINVAL');
    if (kind !== 'update' && this.#options.hashProblem() !== undefined) {
      return this.#undecided(query, 'hashes of arguments hold for this run alone', 'EACCES');
    }
    const claims = this.#claimsOf();
    if (!claims) return this.#undecided(query, 'no folder can be written, and memory is not enough', 'EMEMORY');
    const now = Date.now();
    const first = this.#known(key, now);
    let taken: Claim | Held;
    let isReleased: boolean;
    try {
      taken = claims.take(key, { event: name, kind, stream: this.#options.own, pid: process.pid });
      isReleased = taken instanceof Claim && first !== undefined && claims.isReleased(key);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
      return this.#undecided(query, `it can not be claimed: ${(error as Error).message}`, code, error);
    }
    if (!(taken instanceof Claim)) {
      const recordId = taken.recordId ?? first?.recordId;
      return this.#refused(query, { recordId, isDone: taken.outcome === 'success' }, taken.id);
    }
    if (first && !isReleased) {
      // It happened before there were claims, or since they were removed: from now on there is one.
      taken.note({ recordId: first.recordId, ...(first.isDone && { outcome: 'success' }) });
      return this.#refused(query, first, taken.id);
    }
    const happening = this.#happens(key, now, undefined, taken);
    if (first) this.#memory.replace(key, happening.happened);
    return happening;
  }

  #refused(query: OccurrenceQuery, first: Pick<Happened, 'recordId' | 'isDone'>, claim: string): Occurrence {
    this.#count(query, `${query.kind}_blocked`);
    return {
      marks: marksOf(first.recordId),
      refused: new DuplicateActionError(query.name, { recordId: first.recordId, isDone: first.isDone, claim }),
      recorded: nothing,
      ended: nothing,
    };
  }

  #undecided(query: OccurrenceQuery, why: string, code: string, cause?: unknown): Occurrence {
    this.#options.onUndecided(query, code);
    const passing = code !== 'EMEMORY' && code !== 'EINVAL';
    const message = `${query.name} is to happen once, and whether it happened before can't be told: ${why}`;
    return { refused: new AuditUnavailableError(message, { cause, passing }), recorded: nothing, ended: nothing };
  }

  #count({ name, framework = '' }: Pick<OccurrenceQuery, 'name' | 'framework'>, kind: string): void {
    const event = eventDefinition(name) ? name : 'other';
    this.#options.metrics.add('audit_duplicates_total', { framework, event, kind });
  }

  #keys(): JournalKeys | undefined {
    if (this.#journal) return this.#journal;
    const directory = this.#options.directory();
    if (directory === undefined) return undefined;
    this.#journal = new JournalKeys({
      directory,
      own: this.#options.own,
      memory: this.#memory,
      onLate: (first) => this.#count(first, first.kind),
      onError: this.#options.onError,
    });
    return this.#journal;
  }

  #claimsOf(): Claims | undefined {
    const directory = this.#options.directory();
    if (directory !== undefined) this.#claims ??= new Claims(directory);
    return this.#claims;
  }
}

/** One time that something happens in this thread. */
class Happening implements Occurrence {
  readonly marks: Occurrence['marks'];
  readonly happened: Happened;
  readonly #memory: DuplicateMemory;
  readonly #key: string;
  readonly #claim: Claim | undefined;

  constructor(
    memory: DuplicateMemory,
    key: string,
    happened: Happened,
    marks: Occurrence['marks'],
    claim: Claim | undefined,
  ) {
    this.marks = marks;
    this.happened = happened;
    this.#memory = memory;
    this.#key = key;
    this.#claim = claim;
  }

  recorded(recordId: string | undefined): void {
    this.happened.recordId = recordId;
    if (recordId !== undefined) this.#claim?.note({ recordId });
  }

  ended(outcome: Outcome): void {
    if (outcome === 'failure') {
      this.#memory.forget(this.#key, undefined, this.happened);
      this.#claim?.drop();
      return;
    }
    this.happened.isDone = outcome === 'success';
    // The first one may have failed since.
    this.#memory.keep(this.#key, this.happened);
    this.#claim?.note({ outcome });
  }
}

function nothing(): void {}

/** Nobody can tell, and it goes on. */
const NOT_TOLD: Occurrence = { recorded: nothing, ended: nothing };

function marksOf(first: string | undefined): NonNullable<Occurrence['marks']> {
  return { [ATTR_BOT_DUPLICATE]: true, ...(first !== undefined && { [ATTR_BOT_DUPLICATE_OF]: first }) };
}
