import process from 'node:process';
import { clearTimeout, setTimeout } from 'node:timers';
import type { AuditEvent } from '@botaudit/api';
import { recoverDeadStreams } from '../backend/recovery.js';
import { Roster } from '../backend/roster.js';
import { AuditStream } from '../backend/stream.js';
import type { Config } from '../config/load-config.js';
import { Metrics } from '../metrics/index.js';
import { Policy } from '../policy/policy.js';
import { Protection } from '../protection/protection.js';
import { secretsOf } from '../protection/secrets.js';
import { shipBriefly } from '../shipper/index.js';
import { configuredSigner } from '../signing/configured-signer.js';
import type { Signer } from '../signing/signer.js';

/** How long the end of a reader waits for the records of others that were killed to be reported, in milliseconds. */
const RECOVERY_MS = 250;
/** How long it waits for its own records to be acknowledged, in milliseconds: whoever reads must not wait for a network. */
const SHIPPING_MS = 400;

/** How long it is tried while a reader goes on, in milliseconds. */
const MEANWHILE_MS = 60_000;

/** Service of the stream, where the configuration names none. */
const SERVICE = 'botaudit';

/** What an {@link AccessLog} is made of. */
export interface AccessLogOptions {
  readonly config: Config;
  /** Folder of a journal of its own, which is there and can be written. */
  readonly directory: string;
}

/**
 * The stream on which a process that reads audit records leaves who read what: an ordinary one, with its opening and
 * closing record, its chain and checkpoints, in a journal beside the one that is read, so that reading never writes among
 * the records that it is about.
 *
 * It is signed by the configured key where this process may read that, else by one in its own folder. What the last reader
 * could not ship the next one does.
 */
export class AccessLog {
  readonly #config: Config;
  readonly #directory: string;
  readonly #stream: AuditStream;
  readonly #closing = new AbortController();
  #recovery: Promise<void> | undefined;
  #meanwhile: Promise<void> | undefined;

  constructor({ config, directory }: AccessLogOptions) {
    const { signer } = configuredSigner(config.signing);
    const own = configOf(config, directory, signer);
    this.#config = own;
    this.#directory = directory;
    this.#stream = new AuditStream({
      config: own,
      env: process.env,
      cwd: directory,
      protection: new Protection(secretsOf(own)),
      policy: { policy: new Policy([]) },
      roster: new Roster(),
      signer,
      onOpened: (_home, { unrecovered }) => {
        if (unrecovered) this.#recovery = this.#recover();
      },
      onAppended: () => {},
      onCheckpoint: () => {},
      // Whoever writes is told by what `write` throws.
      onLost: () => {},
      onUncertain: () => {},
      onRefused: () => {},
    });
  }

  /**
   * Appends a record, and returns when it is on disk.
   *
   * @returns its id.
   * @throws {AuditUnavailableError} when it could not be appended.
   */
  write(event: AuditEvent): string {
    return this.#stream.write(event, true);
  }

  /** Ships what was written so far, where there is an endpoint, while the reader goes on. Never throws. */
  shipMeanwhile(): void {
    this.#meanwhile = this.#ship(MEANWHILE_MS, this.#closing.signal);
  }

  /** Closes the stream, and ships it where there is an endpoint, as far as that takes no time to speak of. Never throws. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#meanwhile;
    if (this.#recovery) await within(RECOVERY_MS, this.#recovery);
    this.#stream.close();
    this.#stream.home?.writer.close();
    await this.#ship(SHIPPING_MS);
  }

  async #ship(waitMs: number, signal?: AbortSignal): Promise<void> {
    const { endpoint } = this.#config;
    if (!endpoint || !this.#stream.home) return;
    try {
      await shipBriefly({ directory: this.#directory, endpoint, metrics: new Metrics(), waitMs, signal });
    } catch {
      // It is on disk, and the next reader's to ship.
    }
  }

  /** A reader that was killed left what it asked for and not what came of it: its stream is reported here. */
  #recover(): Promise<void> {
    return recoverDeadStreams({
      directory: this.#directory,
      own: this.#stream.id,
      groupRead: this.#config.journal.groupRead,
      report: (recovery) => this.#stream.reportRecovery(recovery),
    });
  }
}

function configOf(config: Config, directory: string, signer: Signer | undefined): Config {
  const { journal, service, signing } = config;
  return {
    ...config,
    service: { ...service, name: service.name ?? service.attributes['service.name'] ?? SERVICE },
    journal: {
      ...journal,
      directory,
      durability: 'process',
      // Streams of two or three records: to compress them would take longer than to write them.
      compress: 'none',
      // `botaudit archive` is told which journal, and that is the bot's.
      ack: journal.ack === 'archive' ? 'collector' : journal.ack,
    },
    // The bot's key is often not for those who read: then what they leave is signed by a key of their own.
    signing: signer ? signing : { ...signing, key: undefined, keyFile: undefined },
  };
}

/** Waits for a promise, but no longer than so. What it waits for need not keep the process alive. */
async function within(ms: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, deadline]);
  clearTimeout(timer);
}
