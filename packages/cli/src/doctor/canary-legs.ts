import { type BackendConfig, Canary, type CanaryRecord, Metrics } from '@botaudit/sdk';
import { type Check, check, type Finding, failed, ok, skip, warning } from './check.js';
import type { Elasticsearch } from './elasticsearch.js';
import { eventually, type Limits } from './eventually.js';
import { ReadBack } from './read-back.js';
import { Shipping } from './shipping.js';

/** The way of a canary, part by part: onto the journal, read from there, to the endpoint, into Elasticsearch. */
const LEGS = ['write', 'read', 'ship', 'search'] as const;

/** A part of the way. */
export type Leg = (typeof LEGS)[number];

/** The check of a leg. */
export interface LegCheck extends Check {
  readonly leg: Leg;
}

/** Options of {@link CanaryLegs}. */
export interface CanaryLegsOptions {
  readonly configuration: BackendConfig;
  readonly env: NodeJS.ProcessEnv;
  readonly elasticsearch: Elasticsearch | undefined;
  /** How long each leg may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Takes what people should know that no check tells. */
  readonly say: (message: string) => void;
}

/** How long the shipper's thread may take to tell; an endpoint that says no time is waited for in vain. */
const TOLD_WITHIN_MS = 2_000;
/** A wrong clock puts records where nobody looks for them; to a second is how well it can be told. */
const CLOCK_OFF_MS = 5_000;
/** What to do where a leg ends with an error of this machine. */
const MENDING: Readonly<Record<Leg, string>> = {
  write: 'is there room on the disk, and may this user write to the folder?',
  read: 'somebody has changed or cleared the folder of the journal: botaudit verify tells what',
  ship: 'can this user read the folder of the journal?',
  search: 'the error says what is wrong; if it does not, report it',
};

const READ_AGAIN_MS = 5;
const SEARCH_AGAIN_MS = 250;

/** Sends one canary after the other, in one stream. */
export class CanaryLegs {
  readonly metrics = new Metrics();
  readonly #options: CanaryLegsOptions;
  readonly #shipping = new Shipping(this.metrics);
  readonly #canary: Canary;
  #readBack: ReadBack | undefined;

  constructor(options: CanaryLegsOptions) {
    const { configuration, env, timeoutMs, say } = options;
    this.#options = options;
    this.#canary = new Canary({
      configuration,
      env,
      metrics: this.metrics,
      say,
      sayOfShipping: this.#shipping.hear,
      // Once the endpoint is back the next canary must not wait for an old pause.
      pauses: { longestMs: timeoutMs / 4 },
    });
  }

  /** The stream of the canaries. */
  get streamId(): string {
    return this.#canary.streamId;
  }

  /** The legs that there are: nobody ships without an endpoint, and nothing is searched where Elasticsearch is not named. */
  get legs(): readonly Leg[] {
    const { configuration, elasticsearch } = this.#options;
    return LEGS.filter((leg) =>
      leg === 'ship' ? configuration.config.endpoint : leg === 'search' ? elasticsearch : true,
    );
  }

  /**
   * Sends one canary. The legs after one that failed are skipped.
   *
   * @throws {DOMException} `AbortError` by `signal`.
   */
  async send(signal: AbortSignal): Promise<LegCheck[]> {
    let record: CanaryRecord | undefined;
    const limits: Limits = { timeoutMs: this.#options.timeoutMs, signal };
    const ways: Record<Leg, (sent: CanaryRecord) => Promise<Finding>> = {
      write: async () => {
        record = this.#canary.write();
        return ok(`record ${record.id}, number ${record.number} of stream ${record.streamId}`);
      },
      read: (sent) => this.#read(sent, limits),
      ship: (sent) => this.#ship(sent, limits),
      search: (sent) => this.#search(sent, limits),
    };
    const checks: LegCheck[] = [];
    let broken: string | undefined;
    for (const leg of this.legs) {
      const name = `canary: ${leg}`;
      const way = () => ways[leg](record as CanaryRecord);
      const made = broken === undefined ? await check(name, way, MENDING[leg]) : skip(name, broken);
      signal.throwIfAborted();
      checks.push({ leg, ...made });
      if (made.status === 'failed') broken = name;
    }
    return checks;
  }

  /** Ends the stream, and waits a moment for its last records to be acknowledged. */
  close(): void {
    this.#canary.close();
  }

  async #read({ id, streamDirectory }: CanaryRecord, limits: Limits): Promise<Finding> {
    this.#readBack ??= new ReadBack(streamDirectory);
    const readBack = this.#readBack;
    const found = await eventually(limits, READ_AGAIN_MS, () => readBack.find(id) || undefined);
    if (found) return ok('read back, and it follows from the record before it');
    return failed(
      'the record is not in the journal',
      `look into ${streamDirectory}: does anybody else write or clear it?`,
    );
  }

  async #ship(sent: CanaryRecord, limits: Limits): Promise<Finding> {
    const finding = await this.#shipping.acknowledged(sent, limits);
    // The note of what was acknowledged can be there before the shipper's thread has told what it measured.
    const told = () => this.#canary.clockOffsetMs;
    const clockOffsetMs = (await eventually({ ...limits, timeoutMs: TOLD_WITHIN_MS }, READ_AGAIN_MS, told)) ?? 0;
    if (finding.status !== 'ok' || Math.abs(clockOffsetMs) <= CLOCK_OFF_MS) return finding;
    const off = `${Math.round(Math.abs(clockOffsetMs) / 1000)} s ${clockOffsetMs > 0 ? 'behind' : 'ahead of'} the endpoint's`;
    return warning(`acknowledged; the clock here is ${off}`, 'have both set by a time service');
  }

  async #search({ id }: CanaryRecord, limits: Limits): Promise<Finding> {
    const elasticsearch = this.#options.elasticsearch as Elasticsearch;
    const signal = AbortSignal.any([limits.signal, AbortSignal.timeout(limits.timeoutMs)]);
    let unavailable: string | undefined = 'no answer';
    const answer = await eventually(limits, SEARCH_AGAIN_MS, async () => {
      const said = await elasticsearch.find(id, signal);
      // The time was up before it could answer: what it said before counts.
      if (signal.aborted) return undefined;
      unavailable = said.kind === 'unavailable' ? said.detail : undefined;
      return said.kind === 'found' || said.kind === 'refused' ? said : undefined;
    });
    if (answer?.kind === 'found') return ok('found in Elasticsearch');
    if (answer) return failed(answer.detail, answer.next);
    const waited = `not found within ${limits.timeoutMs / 1000} s`;
    if (unavailable !== undefined) {
      return failed(`${waited}: ${unavailable}`, 'is Elasticsearch running, and can it be reached from here?');
    }
    return failed(
      waited,
      'is the indexer running? See its log, the queues of the collector, and logs-audit.rejected-*',
    );
  }
}
