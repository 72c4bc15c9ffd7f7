import type { Outcome, Written } from '@botaudit/record';
import type { AuditUnavailableError, DuplicateActionError } from './errors.js';
import type { Actor, AuditEvent } from './event.js';

/** What a backend is asked before an action, so that the caller knows what to write and when. */
export interface EventQuery {
  /** Event name, e.g. `bot.member.ban`. */
  readonly name: string;
  /** Framework the event comes from, e.g. `grammy`. */
  readonly framework?: string | undefined;
  /** Platform the event comes from, e.g. `telegram`. */
  readonly platform?: string | undefined;
  /** Kind of chat that it happens in, as the platform calls it: `private`, `group`, `channel`, … */
  readonly chatType?: string | undefined;
  /** Who acts. */
  readonly actor?: Actor | undefined;
}

/**
 * How much of an event is kept, each level with all of the one before: `metadata` ids and no text; `content` what
 * was said; `full` all that came in, or was sent and answered.
 */
export type Level = 'none' | 'metadata' | 'content' | 'full';

/** A backend's answer to {@link EventQuery}. */
export interface Decision {
  readonly level: Level;
  /** Which records the event leaves, and when. */
  readonly written: Written;
  /** Whether the action must not happen when its attempt can't be recorded. */
  readonly failClosed: boolean;
  /** How long a record of it may be, in bytes. Default: as long as any record may. */
  readonly sizeLimit?: number | undefined;
  /**
   * What becomes of the same once more: `mark`, it is recorded as such; `block`, it must not happen; `allow`, it is not
   * looked for, as where this is absent.
   */
  readonly onDuplicate?: OnDuplicate | undefined;
}

export type OnDuplicate = 'mark' | 'block' | 'allow';

/** What is about to happen, and may have happened before. */
export interface OccurrenceQuery {
  /** Event name. */
  readonly name: string;
  /** `update`: it reached the bot; `action`: the bot does it; `key`: the application says what is the same. */
  readonly kind: 'update' | 'action' | 'key';
  readonly framework?: string | undefined;
  /** Two that have one key are the same. Absent where that can't be told: then it can't be blocked either. */
  readonly key: string | undefined;
  readonly onDuplicate: Exclude<OnDuplicate, 'allow'>;
}

/** One time that something happens. */
export interface Occurrence {
  /** What its records say of it: `bot.duplicate`, `bot.duplicate.of`. Absent the first time. */
  readonly marks?: Readonly<Record<string, string | boolean>> | undefined;
  /** Why it must not happen. {@link AuditUnavailableError}: whether it happened before can't be told now. */
  readonly refused?: DuplicateActionError | AuditUnavailableError | undefined;
  /** It is on record. Never throws. */
  recorded(recordId: string | undefined): void;
  /** How it ended; after a `failure` it has not happened, and may be tried again. Never throws. */
  ended(outcome: Outcome): void;
}

/** A framework that was found and hooked. */
export interface FrameworkInfo {
  /** e.g. `grammy`. */
  readonly name: string;
  readonly version: string;
  /** Whether the version is in the range that the instrumentation supports. */
  readonly supported: boolean;
}

/** A bot that was seen in this process. */
export interface BotInfo {
  /** Prefixed id, e.g. `telegram:7`. */
  readonly id: string;
  /** Public name, e.g. `@moderator_bot`; known only after the platform told. */
  readonly name?: string | undefined;
  /** e.g. `telegram`. */
  readonly platform: string;
}

/**
 * What serves audit in this process. There is at most one; the SDK is one. `emit` of an OpenTelemetry logger returns
 * nothing, so the path of an audit record needs an answer of its own.
 */
export interface AuditBackend {
  /** Who acts when nothing in the context says so: the service itself, `service:<service.name>`. */
  readonly self: Actor;
  /**
   * Under which name, in what comes along with a request, a peer says who its user is: a member of `_meta` of MCP.
   * Absent: what peers claim about their users is not looked at.
   */
  readonly claimedUserKey?: string | undefined;
  /** What is written of an event, and when. Never throws. */
  decide(query: EventQuery): Decision;
  /**
   * Writes one record and confirms that it was appended.
   *
   * @param decision what {@link decide} has answered about this event: it is kept as that says, whatever policy is in force
   * by now. Default: the policy is asked now.
   * @returns the record's id (UUID v4), or `undefined` when the policy keeps nothing of this event.
   * @throws {AuditUnavailableError} when the record could not be appended.
   */
  write(event: AuditEvent, decision?: Decision): string | undefined;
  /** Keyed hash (hex) of an action's arguments: tells equal from different, and tells nothing else. Never throws. */
  hashArguments(method: string, args: unknown): string | undefined;
  /**
   * Says whether something happened before, and notes that it happens now. Absent: the backend knows of no duplicates.
   * Never throws.
   */
  occurrence?(query: OccurrenceQuery): Occurrence;
  /** A framework was hooked: opens the stream when it is not open yet. Never throws. */
  announceFramework(framework: FrameworkInfo): void;
  /** A bot was seen, or its name became known. Never throws. */
  announceBot(bot: BotInfo): void;
  /** An error inside audit code that was kept from the bot; it is counted and said once. Never throws. */
  reportError(source: string, error: unknown): void;
}

interface Slot {
  backend?: AuditBackend;
  start?: () => AuditBackend;
  /** What starting it threw; it is not tried again. */
  failure?: unknown;
}

/** One slot a thread, shared by all copies of this package. The number is the version of the contract. */
const KEY = Symbol.for('botaudit.backend.1');

function slot(): Slot {
  const holder = globalThis as { [KEY]?: Slot };
  holder[KEY] ??= {};
  return holder[KEY];
}

/**
 * Registers the backend of this thread, or a function that starts it when the first event asks for it, so that a
 * process which audits nothing loads nothing.
 *
 * @returns whether it was taken: `false` when another one is registered already.
 */
export function registerBackend(backend: AuditBackend | (() => AuditBackend)): boolean {
  const current = slot();
  if (current.backend || current.start) return false;
  delete current.failure;
  if (typeof backend === 'function') current.start = backend;
  else current.backend = backend;
  return true;
}

/** Takes the registered backend out again. Meant for tests and for a backend's own end. */
export function unregisterBackend(): void {
  const current = slot();
  delete current.backend;
  delete current.start;
  delete current.failure;
}

/**
 * The backend of this thread, started if it was registered as a function; `undefined` where there is none.
 *
 * @throws what starting it threw, each time: what should be recorded and can't be is not to look as if nobody asked.
 */
export function activeBackend(): AuditBackend | undefined {
  const current = slot();
  if ('failure' in current) throw current.failure;
  if (!current.backend && current.start) {
    const { start } = current;
    delete current.start;
    try {
      current.backend = start();
    } catch (error) {
      current.failure = error;
      throw error;
    }
  }
  return current.backend;
}
