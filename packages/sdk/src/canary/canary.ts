import { join } from 'node:path';
import process from 'node:process';
import type { AuditEvent } from '@botaudit/api';
import type { Environment } from '@botaudit/config';
import { eventDefinition } from '@botaudit/record';
import type { BackendConfig } from '../backend/backend-config.js';
import { Roster } from '../backend/roster.js';
import type { Say } from '../backend/say.js';
import { AuditStream } from '../backend/stream.js';
import { type Metrics, MetricsFile } from '../metrics/index.js';
import { Protection } from '../protection/protection.js';
import { secretsOf } from '../protection/secrets.js';
import { type Pauses, type ShipperHandle, startShipper } from '../shipper/index.js';
import { newKeyNotice } from '../signing/stream-signing.js';

/** What a {@link Canary} is made of. */
export interface CanaryOptions {
  readonly configuration: BackendConfig;
  /** Default: `process.env`. */
  readonly env?: Environment;
  /** Default: the working folder of the process. */
  readonly cwd?: string;
  /** Get what its stream and its shipper measure; they are kept in the stream's folder, as a bot's are. */
  readonly metrics: Metrics;
  /** Takes a line for people: that a key was made. */
  readonly say: Say;
  /** Takes a line for people: what keeps records from being shipped, and that it is over. */
  readonly sayOfShipping: Say;
  /** Pauses between attempts to ship that failed. */
  readonly pauses?: Pauses | undefined;
}

/** A canary that was written. */
export interface CanaryRecord {
  /** `audit.record.id` */
  readonly id: string;
  /** `audit.sequence.number` */
  readonly number: number;
  readonly streamId: string;
  /** Folder of its stream. */
  readonly streamDirectory: string;
}

/**
 * Writes records that tell of nothing, the way a bot's records go: sealed onto a stream of its own in the bot's journal,
 * signed, and shipped by a worker thread. The one stream is kept open, so that canaries leave a record each and no folder
 * each. It counts as no audited process: were it to stand in `audit_streams`, a bot that is missing would not be missed.
 */
export class Canary {
  readonly #options: CanaryOptions;
  readonly #stream: AuditStream;
  #file: MetricsFile | undefined;
  #shipper: ShipperHandle | undefined;

  constructor(options: CanaryOptions) {
    const { configuration, metrics, env = process.env, cwd = process.cwd() } = options;
    const { config, policy, signer } = configuration;
    this.#options = options;
    this.#stream = new AuditStream({
      config,
      env,
      cwd,
      protection: new Protection(secretsOf(config)),
      policy: { policy },
      roster: new Roster(),
      signer,
      onOpened: ({ directory, writer: { streamDirectory } }, _neighbours, { journalKey }) => {
        if (journalKey?.isNew) options.say(newKeyNotice(journalKey));
        if (directory !== undefined && streamDirectory !== undefined) this.#opened(directory, streamDirectory);
      },
      onAppended: (seconds) => {
        metrics.observe('audit_append_duration_seconds', {}, seconds);
        this.#appended();
      },
      onCheckpoint: (error) => {
        if (error === undefined) this.#appended();
        else metrics.add('audit_instrumentation_errors_total', { source: 'checkpoints' });
      },
      onLost: (reason, records) => metrics.add('audit_records_dropped_total', { reason }, records),
      onUncertain: (reason, records) => metrics.add('audit_records_unsynced_total', { reason }, records),
      onRefused: () => {
        // Nothing that a canary tells of could be kept from happening.
      },
    });
  }

  /** Its stream; it need not be open yet. */
  get streamId(): string {
    return this.#stream.id;
  }

  /** How far this machine's clock is behind the endpoint's, in milliseconds, to about a second; `undefined` when unknown. */
  get clockOffsetMs(): number | undefined {
    return this.#shipper?.clockOffsetMs;
  }

  /**
   * Appends a canary.
   *
   * @throws {AuditUnavailableError} when it could not be appended, or would be kept in memory alone.
   */
  write(): CanaryRecord {
    const id = this.#stream.write(this.#event(), true);
    // What is kept in memory alone was refused.
    const directory = this.#stream.directory as string;
    const streamDirectory = join(directory, 'streams', this.#stream.id);
    return { id, number: this.#stream.records, streamId: this.#stream.id, streamDirectory };
  }

  /** Closes the stream, and waits for its last records to be acknowledged as the end of a bot would. */
  close(): void {
    const { exitTimeoutMs } = this.#options.configuration.config;
    this.#stream.close();
    this.#shipper?.notify();
    this.#shipper?.stop(exitTimeoutMs);
    this.#stream.home?.writer.close();
    this.#file?.close();
  }

  #event(): AuditEvent {
    const name = 'audit.canary';
    return {
      name,
      action: eventDefinition(name)?.verb ?? 'CREATE',
      outcome: 'success',
      actor: { id: this.#stream.self.id, type: 'system' },
      target: { id: `stream:${this.#stream.id}` },
    };
  }

  #opened(directory: string, streamDirectory: string): void {
    const { configuration, metrics, sayOfShipping, pauses } = this.#options;
    const { endpoint, journal } = configuration.config;
    this.#file = new MetricsFile(metrics, streamDirectory, { mode: journal.groupRead ? 0o640 : 0o600 });
    if (!endpoint) return;
    this.#shipper = startShipper({
      directory,
      streamId: this.#stream.id,
      endpoint,
      metrics,
      say: sayOfShipping,
      ...(pauses ? { pauses } : undefined),
    });
  }

  #appended(): void {
    this.#options.metrics.add('audit_records_emitted_total', {});
    this.#shipper?.notify();
  }
}
