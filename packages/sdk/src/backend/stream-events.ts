import type { Actor, AuditEvent, BotInfo } from '@botaudit/api';
import { type ConfigProblem, formatProblem } from '@botaudit/config';
import type { Recovery, RemovedSegments } from '@botaudit/journal';
import {
  ATTR_BOT_ID,
  ATTR_BOT_PLATFORM,
  ATTR_ERROR_TYPE,
  type EventName,
  eventDefinition,
  openedBody,
  recoveredBody,
  retentionBody,
} from '@botaudit/record';
import type { StreamSigning } from '../signing/stream-signing.js';
import type { PolicyInForce } from './counted-policy.js';
import type { Crash } from './exit.js';
import type { JournalHome } from './journal-home.js';
import type { Losses } from './losses.js';
import type { Neighbours } from './neighbours.js';
import type { Refusals } from './refusals.js';
import type { Roster } from './roster.js';

/** Version of what records say and how; it never changes within a stream. */
const SCHEMA_VERSION = 1;

/** Where a policy came from that took effect, and in place of which. */
export interface LoadedPolicy {
  /** Where its rules stand. */
  readonly file: string | undefined;
  readonly preset: string | undefined;
  /** What is done with fields of all events, and by which keys. */
  readonly protection?: Readonly<Record<string, unknown>> | undefined;
  /** Hash of the one that was in force before, in the same stream. */
  readonly previousHash?: string | undefined;
  /** Options beside the policy that have changed in the file, and take effect with the next start. */
  readonly needsRestart?: readonly string[] | undefined;
}

/** Makes the records that a stream writes about itself and about the life of its bots. */
export class StreamEvents {
  readonly #actor: Actor;
  readonly #target: string;
  readonly #roster: Roster;
  readonly #inForce: PolicyInForce;

  constructor(streamId: string, serviceActor: Actor, roster: Roster, inForce: PolicyInForce) {
    this.#actor = { id: serviceActor.id, type: 'system' };
    this.#target = `stream:${streamId}`;
    this.#roster = roster;
    this.#inForce = inForce;
  }

  opened(
    { chosen, durability }: Pick<JournalHome, 'chosen' | 'durability'>,
    resource: Readonly<Record<string, unknown>>,
    neighbours: Neighbours,
    { signer, journalKey }: StreamSigning,
  ): AuditEvent {
    return this.#event('audit.stream.opened', {
      schema_version: SCHEMA_VERSION,
      resource,
      ...this.#who(),
      durability,
      directory: { kind: chosen.kind, path: chosen.path || undefined, problem: chosen.problem },
      policy_hash: this.#inForce.policy.hash,
      signing: signer && {
        key_id: signer.keyId,
        public_key: signer.publicKeyHex,
        custody: signer.custody,
        is_new: journalKey?.isNew ? true : undefined,
      },
      ...openedBody(neighbours),
    });
  }

  /** @param records how many the stream holds. */
  heartbeat(records: number, lost: number, intervalMs: number, clockOffsetMs: number | undefined): AuditEvent {
    return this.#event('audit.heartbeat', {
      interval_seconds: intervalMs / 1000,
      ...this.#counts(records, lost),
      clock_offset_ms: clockOffsetMs,
    });
  }

  closed(records: number, lost: number): AuditEvent {
    return this.#event('audit.stream.closed', this.#counts(records, lost));
  }

  recordsLost(losses: Losses): AuditEvent {
    // Of those that could not be synced nobody knows: they are written, and may be gone after the loss of power.
    const outcome = losses.count > 0 ? 'failure' : 'unknown';
    return { ...this.#event('audit.records.lost', losses.body()), outcome };
  }

  actionsRefused(refusals: Refusals): AuditEvent {
    return this.#event('audit.actions.refused', refusals.body());
  }

  /** The policy that is in force took effect. */
  policyLoaded({ file, preset, protection, previousHash, needsRestart }: LoadedPolicy): AuditEvent {
    const { policy } = this.#inForce;
    return {
      ...this.#event('audit.policy.loaded', {
        policy_hash: policy.hash,
        previous_policy_hash: previousHash,
        file,
        preset,
        rules: policy.describe(),
        protection,
        needs_restart: needsRestart && needsRestart.length > 0 ? needsRestart : undefined,
      }),
      target: { id: `policy:${policy.hash}` },
    };
  }

  retentionApplied(removed: readonly RemovedSegments[]): AuditEvent {
    const tips = removed.flatMap(({ streamId, lastNumber, lastHash }) =>
      lastNumber === undefined ? [] : [{ streamId, number: lastNumber, hash: lastHash }],
    );
    return this.#event('audit.retention.applied', {
      ...retentionBody(tips),
      segments: removed.map((each) => ({
        stream_id: each.streamId,
        first_segment: each.firstSegment,
        last_segment: each.lastSegment,
        first_number: each.firstNumber,
        last_number: each.lastNumber,
        bytes: each.bytes,
        reason: each.reason,
        acknowledged: each.acknowledged,
      })),
    });
  }

  recovered({ streamId, tip, tornBytes, openAttempts, ...rest }: Recovery): AuditEvent {
    const event = this.#event('audit.stream.recovered', {
      ...recoveredBody({ tip: { streamId, number: tip?.number ?? 0, hash: tip?.hash }, tornBytes, openAttempts }),
      records: rest.records,
      damaged_lines: rest.damagedLines,
      open_attempt_count: rest.openAttemptCount,
    });
    return { ...event, target: { id: `stream:${streamId}` } };
  }

  configInvalid(problems: readonly ConfigProblem[]): AuditEvent {
    return {
      ...this.#event('audit.config.invalid', {
        problems: problems.map(formatProblem),
        policy_hash: this.#inForce.policy.hash,
      }),
      target: { id: problems[0]?.file ?? problems[0]?.variable },
    };
  }

  /**
   * One for each bot: a signal ends them all. One for an application without any framework, and none where a framework
   * is there and no bot, as in a process that only manages the processes of bots.
   */
  stopping(signal: string): AuditEvent[] {
    if (!this.#roster.isEmpty && this.#roster.bots().length === 0) return [];
    return this.#ofBots('bot.stopping', { reason: signal });
  }

  crashed({ error, origin, at, handled }: Crash): AuditEvent[] {
    return this.#ofBots('bot.crashed', {
      outcome: 'failure',
      timestamp: at,
      reason: handled ? `${origin}, left to the application's handler` : origin,
      attributes: { [ATTR_ERROR_TYPE]: errorType(error) },
    });
  }

  #ofBots(name: EventName, details: Partial<AuditEvent>): AuditEvent[] {
    const bots: (BotInfo | undefined)[] = this.#roster.bots();
    if (bots.length === 0) bots.push(undefined);
    return bots.map((bot) => ({
      ...this.#event(name),
      ...details,
      target: bot && { id: bot.id },
      attributes: { ...(bot && { [ATTR_BOT_ID]: bot.id, [ATTR_BOT_PLATFORM]: bot.platform }), ...details.attributes },
    }));
  }

  #event(name: EventName, body?: Readonly<Record<string, unknown>>): AuditEvent {
    return {
      name,
      action: eventDefinition(name)?.verb ?? 'EXECUTE',
      outcome: 'success',
      actor: this.#actor,
      target: { id: this.#target },
      body,
    };
  }

  #who(): Readonly<Record<string, unknown>> {
    return { frameworks: this.#roster.frameworks(), bots: this.#roster.bots() };
  }

  #counts(records: number, lost: number): Readonly<Record<string, unknown>> {
    return { records, records_by_framework: this.#roster.records(), records_lost: lost, ...this.#who() };
  }
}

/** The name of an error's class; never its message, which may hold anything. */
function errorType(error: unknown): string {
  try {
    if (error instanceof Error) return error.constructor.name || error.name;
  } catch {
    // An error that can't be looked at is still one.
  }
  return typeof error;
}
