import type { ActorType, Assurance, Outcome } from '@botaudit/record';

/** Who acted. */
export interface Actor {
  /** `<namespace>:<id>`, e.g. `telegram:42`, `service:payments`; `unknown` or `anonymous` when it cannot be known. */
  readonly id: string;
  readonly type: ActorType;
  /** How sure the id is. Default `platform`. */
  readonly assurance?: Assurance | undefined;
}

/** What was acted upon. */
export interface Target {
  /** Prefixed like an actor's id, e.g. `telegram:-100123/7`. */
  readonly id?: string | undefined;
  /** e.g. `user`, `chat`, `message`. */
  readonly type?: string | undefined;
}

/** Where an action came from. */
export interface Source {
  /** Network address or session. */
  readonly id?: string | undefined;
  /** e.g. `ip`, `session`. */
  readonly type?: string | undefined;
}

/** The ids that join a record to a trace. */
export interface TraceIds {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  /** W3C trace flags; 1 is sampled. */
  readonly traceFlags?: number | undefined;
}

/** An event as a backend receives it: complete, with whatever the context knew already filled in. */
export interface AuditEvent {
  /** Event name: from the catalogue, or the application's own, e.g. `payment.transfer`. */
  readonly name: string;
  /** Upper-case verb: `CREATE`, `DELETE`, `EXECUTE`, … */
  readonly action: string;
  readonly outcome: Outcome;
  readonly actor: Actor;
  readonly target?: Target | undefined;
  readonly source?: Source | undefined;
  /** Why it was done, in words for a reader. */
  readonly reason?: string | undefined;
  /** When it happened. Default: now. A time in the future is taken as now. */
  readonly timestamp?: Date | undefined;
  readonly trace?: TraceIds | undefined;
  /** Further attributes, by their full names (`bot.chat.id`, …). Null and undefined members are dropped. */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  /** Structured details; never repeats an attribute. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}
