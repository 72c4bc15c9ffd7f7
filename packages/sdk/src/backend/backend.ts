import { join } from 'node:path';
import { setInterval, setTimeout } from 'node:timers';
import type {
  Actor,
  AuditBackend,
  AuditEvent,
  BotInfo,
  Decision,
  EventQuery,
  FrameworkInfo,
  Occurrence,
  OccurrenceQuery,
} from '@botaudit/api';
import type { Environment } from '@botaudit/config';
import { ATTR_BOT_ACTION_STAGE, ATTR_BOT_FRAMEWORK, ATTR_BOT_ID, eventDefinition } from '@botaudit/record';
import type { Meter } from '@opentelemetry/api';
import type { Config } from '../config/load-config.js';
import { Duplicates } from '../duplicates/index.js';
import type { Metrics } from '../metrics/index.js';
import type { PolicyDecision } from '../policy/policy.js';
import { Protection } from '../protection/protection.js';
import { secretsOf } from '../protection/secrets.js';
import { type ShipperHandle, startShipper } from '../shipper/index.js';
import { newKeyNotice, type StreamSigning } from '../signing/stream-signing.js';
import { ArgumentHash } from './argument-hash.js';
import type { BackendConfig } from './backend-config.js';
import { CountedPolicy } from './counted-policy.js';
import { watchExit } from './exit.js';
import type { JournalHome } from './journal-home.js';
import { Measures } from './measures.js';
import { findNeighbours, type Neighbours } from './neighbours.js';
import { PolicyReload, sayNotOnDisk } from './policy-reload.js';
import { recoverDeadStreams } from './recovery.js';
import { Roster } from './roster.js';
import type { Say } from './say.js';
import { startupLine } from './startup-line.js';
import { AuditStream } from './stream.js';
import { Troubles } from './troubles.js';

/** What a backend is made of. */
export interface SdkBackendOptions extends BackendConfig {
  readonly env: Environment;
  readonly cwd: string;
  readonly say: Say;
  /** Gets the metrics too. */
  readonly meter?: Meter | undefined;
}

/** Serves audit in one thread: protects events, appends them to the thread's stream, and sees to its life. */
export class SdkBackend implements AuditBackend {
  readonly self: Actor;
  readonly claimedUserKey: string | undefined;
  readonly #config: Config;
  /** Where the journal would be; where it is, is found out when there is something to write. */
  readonly #usualDirectory: string;
  readonly #say: Say;
  readonly #protection: Protection;
  readonly #measures: Measures;
  readonly #metrics: Metrics;
  readonly #policy: CountedPolicy;
  readonly #reload: PolicyReload;
  readonly #troubles: Troubles;
  readonly #roster = new Roster();
  readonly #stream: AuditStream;
  readonly #duplicates: Duplicates;
  readonly #stopWatching: () => void;
  #argumentHash: ArgumentHash | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #shipper: ShipperHandle | undefined;
  #opening: NodeJS.Timeout | undefined;

  constructor(options: SdkBackendOptions) {
    const { config, policy, signer, privacy, env, cwd, say, meter } = options;
    this.#config = config;
    this.claimedUserKey = config.mcp.claimedUser;
    this.#say = (message) => {
      try {
        say(this.#protection.text(message));
      } catch {
        // Whoever can't be told must not cost the bot anything.
      }
    };
    this.#measures = new Measures({
      address: config.metrics,
      meter,
      groupRead: config.journal.groupRead,
      say: this.#say,
    });
    this.#metrics = this.#measures.metrics;
    this.#policy = new CountedPolicy(policy, this.#metrics);
    this.#troubles = new Troubles(this.#metrics, this.#say);
    this.#usualDirectory = config.journal.directory ?? join(cwd, '.botaudit');
    this.#protection = new Protection(secretsOf(config), privacy);
    this.#stream = new AuditStream({
      config,
      env,
      cwd,
      protection: this.#protection,
      policy: this.#policy,
      roster: this.#roster,
      signer,
      onOpened: (home, neighbours, signing) => {
        this.#guard('start', () => this.#opened(home, neighbours));
        this.#guard('signing', () => this.#sayKey(signing));
      },
      onCheckpoint: (error) => this.#checkpointed(error),
      onAppended: (seconds) => this.#appended(seconds),
      onLost: (reason, records) => this.#troubles.lost(reason, records),
      onUncertain: (reason, records) => this.#troubles.unsynced(reason, records),
      onRefused: (refused) => this.#troubles.refused(refused),
    });
    this.self = this.#stream.self;
    this.#duplicates = new Duplicates({
      directory: () => this.#stream.directory,
      own: this.#stream.id,
      metrics: this.#metrics,
      hashProblem: () => this.#hashes().problem,
      onUndecided: ({ name, framework }, reason) => this.#troubles.undecided({ event: name, framework, reason }),
      onError: (error) => this.reportError('duplicates', error),
    });
    this.#reload = new PolicyReload({
      ...options,
      policy: this.#policy,
      stream: this.#stream,
      metrics: this.#metrics,
      say: this.#say,
      onError: (error) => this.reportError('policy_reload', error),
    });
    this.#stopWatching = watchExit({
      onSignal: (signal) => this.#noteOfLife(() => this.#stream.events.stopping(signal)),
      onCrash: (crash) => this.#noteOfLife(() => this.#stream.events.crashed(crash)),
      onEnd: () => this.#guard('end', () => this.#end()),
    });
  }

  decide({ name, framework, platform, chatType, actor }: EventQuery): Decision {
    return this.#policy.decide(name, framework, platform, chatType, actor);
  }

  write(event: AuditEvent, decided?: PolicyDecision): string | undefined {
    const decision = decided ?? this.#policy.decideOn(event);
    if (decision.level === 'none') return undefined;
    // What has been done can't be refused any more.
    const isDone = event.attributes?.[ATTR_BOT_ACTION_STAGE] === 'outcome';
    const id = this.#stream.write(event, decision.failClosed && !isDone, decision);
    this.#count(event);
    return id;
  }

  occurrence(query: OccurrenceQuery): Occurrence {
    return this.#duplicates.occurrence(query);
  }

  hashArguments(method: string, args: unknown): string | undefined {
    return this.#hashes().of(method, args);
  }

  #hashes(): ArgumentHash {
    if (!this.#argumentHash) {
      this.#argumentHash = ArgumentHash.open(this.#stream.directory);
      const { problem } = this.#argumentHash;
      if (problem !== undefined) this.#say(`hashes of arguments hold for this run alone: ${problem}`);
    }
    return this.#argumentHash;
  }

  announceFramework(framework: FrameworkInfo): void {
    const { name, version, supported } = framework;
    if (!this.#roster.addFramework({ name, version, supported })) return;
    this.#metrics.set('audit_instrumented_frameworks', { framework: name, version, supported: String(supported) }, 1);
    if (!supported) this.#say(`${name} ${version} is not among the supported versions, IT IS NOT AUDITED`);
    // A moment later, so that the opening record can name the bots that are made meanwhile.
    this.#opening ??= setTimeout(() => this.#guard('start', () => this.#open()), 0).unref();
  }

  announceBot(bot: BotInfo): void {
    this.#roster.addBot(bot);
  }

  reportError(source: string, error: unknown): void {
    this.#troubles.error(source, error);
    if (this.#stream.isOpen) return;
    // That nothing is audited has to be seen where it is measured, without a folder being made for it.
    this.#measures.publish(this.#usualDirectory);
  }

  /** Closes the stream, and waits for its last records to be acknowledged as the end of the process would. */
  async shutdown(): Promise<void> {
    this.#stopWatching();
    this.#end();
  }

  #open(): void {
    this.#stream.note();
    if (!this.#stream.isOpen)
      this.#troubles.sayOnce('unopened', 'THE JOURNAL CANNOT BE WRITTEN; each record tries again');
  }

  #opened(home: JournalHome, { unrecovered }: Neighbours): void {
    const { endpoint, heartbeatIntervalMs, problems } = this.#config;
    const { policy } = this.#policy;
    this.#metrics.set('audit_streams', {}, 1);
    this.#say(startupLine(home, endpoint));
    if (home.chosen.problem !== undefined) {
      this.#metrics.add('audit_instrumentation_errors_total', { source: 'journal_folder' });
    }
    if (problems.length > 0) this.#stream.note(this.#stream.events.configInvalid(problems));
    const { loaded } = this.#reload;
    if (policy.rules.length > 0 || loaded.protection) this.#stream.note(this.#stream.events.policyLoaded(loaded));
    if (policy.failsClosed && home.directory === undefined) sayNotOnDisk(this.#say);
    if (heartbeatIntervalMs > 0) {
      this.#heartbeat = setInterval(() => this.#guard('heartbeat', () => this.#beat()), heartbeatIntervalMs).unref();
    }
    const { directory } = home;
    const { streamDirectory } = home.writer;
    if (streamDirectory !== undefined) this.#measures.keepIn(streamDirectory);
    this.#measures.publish(directory ?? this.#usualDirectory, this.#stream.id);
    if (directory === undefined) return;
    this.#duplicates.start();
    if (unrecovered) this.#recover(directory);
    if (!endpoint) return;
    this.#shipper = startShipper({
      directory,
      streamId: this.#stream.id,
      endpoint,
      metrics: this.#metrics,
      say: this.#say,
    });
  }

  /** Tells what signs checkpoints, where that is new, or does not. */
  #sayKey({ journalKey, problem }: StreamSigning): void {
    if (problem !== undefined) {
      this.#metrics.add('audit_instrumentation_errors_total', { source: 'signing' });
      this.#say(`NO CHECKPOINTS ARE MADE, so that a rewritten journal can't be told: ${problem}`);
    }
    if (journalKey?.isNew) this.#say(newKeyNotice(journalKey));
  }

  #checkpointed(error: unknown): void {
    if (error !== undefined) {
      this.reportError('checkpoints', error);
      return;
    }
    this.#metrics.add('audit_records_emitted_total', {});
    this.#shipper?.notify();
  }

  #appended(seconds: number): void {
    this.#metrics.add('audit_records_emitted_total', {});
    this.#metrics.observe('audit_append_duration_seconds', {}, seconds);
    this.#shipper?.notify();
  }

  #count({ name, action, outcome, attributes }: AuditEvent): void {
    const framework = attributes?.[ATTR_BOT_FRAMEWORK];
    this.#roster.count(framework);
    if (attributes?.[ATTR_BOT_ACTION_STAGE] === 'attempt') return;
    const botId = attributes?.[ATTR_BOT_ID];
    this.#metrics.add('audit_events_total', {
      bot_id: typeof botId === 'string' ? botId : '',
      framework: typeof framework === 'string' ? framework : '',
      event: eventDefinition(name) ? name : 'other',
      action,
      outcome,
    });
  }

  #beat(): void {
    const { losses, events, home, records } = this.#stream;
    this.#stream.flush();
    this.#measures.joinRegistries();
    const clockOffsetMs = this.#shipper?.clockOffsetMs;
    this.#stream.note(events.heartbeat(records, losses.total, this.#config.heartbeatIntervalMs, clockOffsetMs));
    // One that could not be written is none.
    if (this.#stream.records > records) this.#metrics.add('audit_heartbeats_total', {});
    if (clockOffsetMs !== undefined) {
      this.#metrics.set('audit_clock_offset_seconds', {}, Math.abs(clockOffsetMs) / 1000);
    }
    const directory = home?.directory;
    if (directory === undefined) return;
    this.#measures.sizeUp(directory);
    if (findNeighbours(directory, this.#stream.id).unrecovered) this.#recover(directory);
  }

  #recover(directory: string): void {
    recoverDeadStreams({
      directory,
      own: this.#stream.id,
      groupRead: this.#config.journal.groupRead,
      report: (recovery) => this.#stream.reportRecovery(recovery),
    }).catch((error: unknown) => this.reportError('recovery', error));
  }

  /** A process that audits nothing leaves no trace of its end either. */
  #noteOfLife(events: () => AuditEvent[]): void {
    this.#guard('end', () => {
      if (!this.#stream.isOpen && this.#roster.isEmpty) return;
      this.#stream.note(...events().filter((event) => this.#policy.decideOn(event).level !== 'none'));
    });
  }

  #end(): void {
    if (this.#stream.isClosed) return;
    // Framework loaded, and nothing done with it: that there was this run is on record all the same.
    if (!this.#roster.isEmpty) this.#stream.note();
    this.#reload.stop();
    clearInterval(this.#heartbeat);
    clearTimeout(this.#opening);
    this.#duplicates.stop();
    this.#stream.close();
    this.#metrics.set('audit_streams', {}, 0);
    this.#shipper?.notify();
    this.#shipper?.stop(this.#config.exitTimeoutMs);
    const { home, records } = this.#stream;
    home?.writer.close();
    this.#measures.close();
    const { losses, refusals } = this.#stream;
    const unrecorded = 'which could not be put on record before the end';
    if (losses.count > 0) this.#say(`${losses.count} records were lost, ${unrecorded}`);
    if (!refusals.isEmpty) this.#say(`what fails closed was refused ${refusals.count} times, ${unrecorded}`);
    if (home?.chosen.kind === 'memory') this.#say(`${records} records that were kept in memory end with the process`);
  }

  /** Nothing that is called from outside, by a timer, a signal, the end of the process, may disturb the bot. */
  #guard(source: string, task: () => void): void {
    try {
      task();
    } catch (error) {
      this.reportError(source, error);
    }
  }
}
