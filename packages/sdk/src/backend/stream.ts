import { hash, randomUUID } from 'node:crypto';
import { type Actor, type AuditEvent, InvalidEventError } from '@botaudit/api';
import type { Recovery } from '@botaudit/journal';
import { Chain } from '@botaudit/record';
import type { Resource } from '@opentelemetry/resources';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import type { PolicyDecision } from '../policy/policy.js';
import type { Protection } from '../protection/protection.js';
import type { Signer } from '../signing/signer.js';
import { openSigning, type StreamSigning } from '../signing/stream-signing.js';
import { StreamClock } from './clock.js';
import type { PolicyInForce } from './counted-policy.js';
import { AS_USUAL, type EmitOptions, Emitter } from './emitter.js';
import { findFolder, type HomeOptions, type JournalHome, openJournal } from './journal-home.js';
import { Losses } from './losses.js';
import { findNeighbours, type Neighbours, rememberNamed } from './neighbours.js';
import { AuditLogRecordProcessor } from './processor.js';
import { Refusals, type Refused } from './refusals.js';
import { detectResource, serviceNameOf } from './resource.js';
import type { Roster } from './roster.js';
import { StreamEvents } from './stream-events.js';
import { closed, notOnDisk, reasonOf, UNFIT, unavailable } from './write-errors.js';

/** Events that the stream has to write about itself wait here for a moment at which it can; more are not kept. */
const MAX_WAITING = 100;

/** What a stream is made of, and who is told about it. */
export interface StreamOptions extends Omit<HomeOptions, 'onLoss' | 'onUnsynced' | 'onRetention'> {
  readonly protection: Protection;
  readonly policy: PolicyInForce;
  readonly roster: Roster;
  /** The key that is configured to sign checkpoints. */
  readonly signer: Signer | undefined;
  /** Its first record is appended. */
  readonly onOpened: (home: JournalHome, neighbours: Neighbours, signing: StreamSigning) => void;
  /** A record is appended, in so many seconds. */
  readonly onAppended: (seconds: number) => void;
  readonly onLost: (reason: string, records: number) => void;
  /** An event that fails closed could not be recorded, and whoever brought it was told. */
  readonly onRefused: (refused: Refused) => void;
  /** Records are written and could not be synced to the disk. */
  readonly onUncertain: (reason: string, records: number) => void;
  /** A checkpoint was made, which is a record of its own; or could not be made, and is tried again. */
  readonly onCheckpoint: (error?: unknown) => void;
}

/** A thread's stream of records, from the opening record, which comes before any other, to the closing one. */
export class AuditStream {
  /** UUID v4. */
  readonly id = randomUUID();
  readonly resource: Resource;
  /** Who acts when nothing says who does. */
  readonly self: Actor;
  readonly events: StreamEvents;
  readonly losses = new Losses();
  readonly refusals = new Refusals();
  readonly #options: StreamOptions;
  readonly #chain = new Chain(this.id, (text) => hash('sha256', text));
  readonly #waiting: AuditEvent[] = [];
  #folder: ReturnType<typeof findFolder> | undefined;
  #home: JournalHome | undefined;
  #neighbours: Neighbours | undefined;
  #emitter: Emitter | undefined;
  #signing: StreamSigning = {};
  #state: 'new' | 'open' | 'closed' = 'new';

  constructor(options: StreamOptions) {
    const { config, protection, policy, roster } = options;
    this.#options = options;
    this.resource = detectResource(config.service, this.id, protection);
    this.self = { id: `service:${serviceNameOf(this.resource)}`, type: 'service' };
    this.events = new StreamEvents(this.id, this.self, roster, policy);
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** How many records it holds. */
  get records(): number {
    return this.#chain.number;
  }

  /** Folder of the journal; `undefined` where there is none. Found when first asked for. */
  get directory(): string | undefined {
    return this.#chosen().path || undefined;
  }

  /** Its journal; `undefined` before it was first tried to open it. */
  get home(): JournalHome | undefined {
    return this.#home;
  }

  /**
   * Appends the opening record, unless it is there.
   *
   * @throws {AuditUnavailableError} when it can't be, or the stream is closed.
   */
  open(): void {
    if (this.#state === 'open') return;
    if (this.#state === 'closed') throw closed();
    const emitter = this.#prepare();
    const home = this.#home as JournalHome;
    const neighbours = this.#neighbours as Neighbours;
    emitter.emit(this.events.opened(home, this.resource.attributes, neighbours, this.#signing));
    this.#state = 'open';
    this.#neighbours = undefined;
    if (home.directory !== undefined) rememberNamed(home.directory, neighbours);
    this.#options.onOpened(home, neighbours, this.#signing);
    // The beginning is shipped at once, and what vouches for it with it.
    this.#signing.checkpoints?.make();
  }

  /**
   * Appends one record, after the opening one and whatever the stream has to say of itself.
   *
   * @param failClosed whether what it tells of must not happen unrecorded: it is on disk when this returns, and counts as
   * refused, not as lost, when this throws.
   * @param kept what the policy says of its record: of its fields, and how long it may be. Default: nothing.
   * @returns the record's id.
   * @throws {AuditUnavailableError} when it could not be appended; that it is lost will be on the chain.
   * @throws {InvalidEventError} when a mandatory field is missing.
   */
  write(event: AuditEvent, failClosed = false, kept?: Pick<PolicyDecision, 'fields' | 'sizeLimit'>): string {
    try {
      if (this.#state !== 'open') this.open();
      if (!this.losses.isEmpty || !this.refusals.isEmpty || this.#waiting.length > 0) this.#catchUp();
      if (failClosed && this.#home?.directory === undefined) throw notOnDisk(event);
      return (this.#emitter as Emitter).emit(event, emitOptions(failClosed, kept));
    } catch (error) {
      if (error instanceof InvalidEventError) throw error;
      const isFirst = this.losses.isEmpty && this.refusals.isEmpty;
      if (failClosed) this.#options.onRefused(this.refusals.add(event, reasonOf(error)));
      else this.#lost(reasonOf(error), 1);
      // It may have been this record alone, and a process may end before it writes another.
      if (isFirst) this.#tell();
      throw unavailable(event, error);
    }
  }

  /** Appends what the stream has to say of itself, now or when it can again. Never throws. */
  note(...events: readonly AuditEvent[]): void {
    this.#waiting.push(...events.slice(0, Math.max(0, MAX_WAITING - this.#waiting.length)));
    try {
      this.open();
      this.#catchUp();
    } catch {
      // They wait for the next record, or the next heartbeat.
    }
  }

  /** Puts on the chain what was lost or refused, at once if that can be, else as soon as it can. */
  #tell(): void {
    this.note();
    if (this.#state === 'closed' || (this.losses.isEmpty && this.refusals.isEmpty)) return;
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#tell();
    }, TELL_MS).unref();
  }
  #telling: NodeJS.Timeout | undefined;

  /**
   * Puts on record that the stream of a process that died was adopted, and has its tip in the next checkpoint. Never throws.
   *
   * @returns whether it is on record.
   */
  reportRecovery(recovery: Recovery): boolean {
    const before = this.records;
    this.note(this.events.recovered(recovery));
    if (this.records === before) return false;
    const { streamId, tip } = recovery;
    if (tip) this.#signing.checkpoints?.adopted({ streamId, ...tip });
    return true;
  }

  #append(event: AuditEvent): void {
    this.open();
    (this.#emitter as Emitter).emit(event);
  }

  /** Counts what the journal let go. */
  flush(): void {
    const overflow = (this.#home?.overflow ?? 0) - this.#overflowTold;
    if (overflow > 0) this.#lost('ENOBUFS', overflow);
    this.#overflowTold += Math.max(0, overflow);
    try {
      this.#home?.writer.flush();
    } catch {
      // What is buffered stays so, and is counted when it is given up.
    }
  }
  #overflowTold = 0;

  /** Appends the closing record; nothing follows it. The journal stays open for whoever ships it. Never throws. */
  close(): void {
    if (this.#state === 'open') {
      this.flush();
      this.note();
      try {
        this.#emitter?.emit(this.events.closed(this.records, this.losses.total), LAST);
        this.#home?.writer.flush();
      } catch {
        // The stream stays as it is: not closed, which whoever adopts it will report.
      }
      this.#signing.checkpoints?.close();
    }
    this.#state = 'closed';
  }

  #chosen(): ReturnType<typeof findFolder> {
    this.#folder ??= findFolder(this.#options);
    return this.#folder;
  }

  #prepare(): Emitter {
    if (this.#emitter) return this.#emitter;
    const { config, protection, signer, onAppended, onCheckpoint } = this.#options;
    const home = openJournal(
      this.#chosen(),
      {
        ...this.#options,
        onLoss: ({ code, lines }) => this.#lost(code, lines),
        onUnsynced: ({ code, lines }) => {
          this.losses.addUnsynced(code, lines);
          this.#options.onUncertain(code, lines);
        },
        // Segments go once it is on the chain that they do: an exception keeps them.
        onRetention: (removed) => {
          this.#append(this.events.retentionApplied(removed));
          // Whoever verifies believes that only where a signature vouches for it.
          this.#signing.checkpoints?.soon();
        },
      },
      this.id,
      this.resource,
    );
    this.#home = home;
    const chain = this.#chain;
    const signing = openSigning({ config, signer, home, chain, onMade: () => onCheckpoint(), onFailed: onCheckpoint });
    this.#signing = signing;
    this.#neighbours = findNeighbours(home.directory, this.id);
    const provider = new LoggerProvider({
      resource: this.resource,
      processors: [
        new AuditLogRecordProcessor(this.#chain, home.writer, (seconds) => {
          signing.checkpoints?.appended();
          onAppended(seconds);
        }),
      ],
      // An attribute more than the limit would go without a word, and it could be a mandatory one.
      logRecordLimits: { attributeCountLimit: Number.POSITIVE_INFINITY },
    });
    this.#emitter = new Emitter(provider.getLogger('@botaudit/sdk'), protection, new StreamClock());
    return this.#emitter;
  }

  /** Writes what has been waiting. Throws when that can't be, and keeps what is left. */
  #catchUp(): void {
    const emitter = this.#emitter as Emitter;
    if (!this.losses.isEmpty) {
      emitter.emit(this.events.recordsLost(this.losses));
      this.losses.told();
    }
    if (!this.refusals.isEmpty) {
      emitter.emit(this.events.actionsRefused(this.refusals));
      this.refusals.told();
    }
    for (let event = this.#waiting.shift(); event; event = this.#waiting.shift()) {
      try {
        emitter.emit(event);
      } catch (error) {
        // An event that can't be put into words would hold up all that come after it.
        if (reasonOf(error) !== UNFIT) this.#waiting.unshift(event);
        throw error;
      }
    }
  }

  #lost(reason: string, records: number): void {
    this.losses.add(reason, records);
    this.#options.onLost(reason, records);
  }
}

/** How often it is tried to put on the chain what was lost, while no record comes that would. */
const TELL_MS = 1_000;

const LAST: EmitOptions = { end: true };
const ON_DISK: EmitOptions = { sync: true };

/** Most records are written as usual: nothing is made for them. */
function emitOptions(sync: boolean, kept: Pick<PolicyDecision, 'fields' | 'sizeLimit'> | undefined): EmitOptions {
  if (kept?.fields === undefined && kept?.sizeLimit === undefined) return sync ? ON_DISK : AS_USUAL;
  return { sync, fields: kept.fields, maxBytes: kept.sizeLimit };
}
