import { streamNames } from '../document/streams.js';
import { type Cluster, ClusterError } from '../elasticsearch/cluster.js';
import { mappingMeta } from '../elasticsearch/set-up-check.js';
import { differences } from './differences.js';
import type { Json } from './mappings.js';
import type { SetupOptions } from './options.js';
import { ROLES } from './roles.js';
import { ILM_POLICY, ilmPolicy, type StreamTemplates, streamTemplates } from './templates.js';

/** One thing that has to be there, and what was, or would be, done about it. */
export interface SetupStep {
  /** What it is: `role audit-writer`. */
  readonly name: string;
  /**
   * - `unchanged`: it is as it should be;
   * - `create`, `update`, `roll-over`: it is not, and what is done about it;
   * - `unavailable`: this Elasticsearch does not know such things;
   * - `forbidden`: the credentials do not allow to look, or to change it.
   */
  readonly action: 'unchanged' | 'create' | 'update' | 'roll-over' | 'unavailable' | 'forbidden';
  /** What differs, a line for each place; for what could not be done, why. */
  readonly details: readonly string[];
}

/** What a set-up did, or would do. */
export interface SetupReport {
  /** Whether nothing was changed because that was asked for. */
  readonly dryRun: boolean;
  /** Whether all is, or would be, as it should. */
  readonly complete: boolean;
  readonly steps: readonly SetupStep[];
}

/**
 * Makes Elasticsearch ready for records: templates, lifecycle, roles, data streams. What is there already as it should be
 * is left alone, so it can be run again at any time.
 *
 * @param dryRun changes nothing, and tells what would be changed.
 * @throws {ClusterError} when Elasticsearch can't be reached, or refuses something unexpectedly.
 */
export async function setUp(cluster: Cluster, options: SetupOptions, dryRun: boolean): Promise<SetupReport> {
  const run = new SetupRun(cluster, dryRun);
  const [records, rejected] = streamTemplates(options);
  if (options.lifecycle === 'ilm') {
    const at = `/_ilm/policy/${ILM_POLICY}`;
    await run.ensure(`ILM policy ${ILM_POLICY}`, at, ilmPolicy(options), (answer) => answer[ILM_POLICY]);
  }
  for (const { components, index } of [records, rejected]) {
    for (const { name, body } of components) {
      await run.ensure(`component template ${name}`, `/_component_template/${name}`, body, (answer) =>
        member(answer.component_templates, 'component_template'),
      );
    }
    await run.ensure(`index template ${index.name}`, `/_index_template/${index.name}`, index.body, (answer) =>
      member(answer.index_templates, 'index_template'),
    );
  }
  for (const { name, body } of ROLES) {
    await run.ensure(`role ${name}`, `/_security/role/${name}`, body, (answer) => answer[name]);
  }
  const names = streamNames(options.namespace);
  await run.ensureStream(names.records, records, options);
  await run.ensureStream(names.rejected, rejected, options);
  return run.report;
}

/** The only entry of a list of templates. */
function member(list: unknown, name: string): unknown {
  return Array.isArray(list) ? list[0]?.[name] : undefined;
}

type Answer = Readonly<Record<string, unknown>>;

class SetupRun {
  readonly #cluster: Cluster;
  readonly #dryRun: boolean;
  readonly #steps: SetupStep[] = [];

  constructor(cluster: Cluster, dryRun: boolean) {
    this.#cluster = cluster;
    this.#dryRun = dryRun;
  }

  get report(): SetupReport {
    const complete = !this.#steps.some(({ action }) => action === 'unavailable' || action === 'forbidden');
    return { dryRun: this.#dryRun, complete, steps: this.#steps };
  }

  /** Makes what stands at `path` like `wanted`; `read` finds it in the answer to a GET. */
  async ensure(name: string, path: string, wanted: Json, read: (answer: Answer) => unknown): Promise<void> {
    await this.#step(name, async () => {
      const { status, body } = await this.#cluster.request('GET', path, undefined, [404]);
      const actual = status === 404 ? undefined : read(body as Answer);
      const details = actual === undefined ? [] : differences(actual, wanted);
      if (actual !== undefined && details.length === 0) return { action: 'unchanged', details };
      return {
        action: actual === undefined ? 'create' : 'update',
        details,
        apply: () => this.#cluster.request('PUT', path, wanted),
      };
    });
  }

  async ensureStream(stream: string, { fingerprint }: StreamTemplates, options: SetupOptions): Promise<void> {
    await this.#step(`data stream ${stream}`, async () => {
      const { status, body } = await this.#cluster.request('GET', `/${stream}`, undefined, [404]);
      if (status === 404) return { action: 'create', details: [], apply: () => this.#createStream(stream) };
      if (Object.keys(body as Answer).includes(stream)) {
        return {
          action: 'unavailable',
          details: [`${stream} is an index, and no data stream: delete it, or rename it`],
        };
      }
      const meta = (await mappingMeta(this.#cluster, stream)) as { readonly fingerprint?: unknown } | undefined;
      if (meta?.fingerprint === fingerprint) return { action: 'unchanged', details: [] };
      return {
        action: 'roll-over',
        details: ['its newest index was made from other templates'],
        apply: () => this.#cluster.request('POST', `/${stream}/_rollover`),
      };
    });
    if (options.lifecycle === 'data-stream') await this.#ensureLifecycle(stream, options);
  }

  /** A template says what a new data stream has; one that is there has to be told. */
  async #ensureLifecycle(stream: string, { retentionDays }: SetupOptions): Promise<void> {
    const wanted: Json = retentionDays === undefined ? {} : { data_retention: `${retentionDays}d` };
    const path = `/_data_stream/${stream}/_lifecycle`;
    await this.#step(`lifecycle of ${stream}`, async () => {
      const { status, body } = await this.#cluster.request('GET', path, undefined, [404]);
      // The data stream would be created with it.
      if (status === 404) return { action: 'unchanged', details: [] };
      const [entry] = (body as { data_streams?: { lifecycle?: { data_retention?: unknown; enabled?: unknown } }[] })
        .data_streams ?? [{}];
      const { data_retention, enabled } = entry?.lifecycle ?? {};
      const actual = data_retention === undefined ? { enabled } : { data_retention, enabled };
      const details = differences(actual, { ...wanted, enabled: true });
      if (details.length === 0) return { action: 'unchanged', details };
      return { action: 'update', details, apply: () => this.#cluster.request('PUT', path, wanted) };
    });
  }

  /**
   * Where Elasticsearch has no request for it, a data stream comes into being with the first document that is sent to it,
   * also when that one is refused: so one is sent which is.
   */
  async #createStream(stream: string): Promise<void> {
    try {
      await this.#cluster.request('PUT', `/_data_stream/${stream}`);
    } catch (error) {
      if (!isUnknownRequest(error)) throw error;
      const lines = Buffer.from('{"create":{"_id":"none"}}\n{"@timestamp":"none"}\n');
      await this.#cluster.create(stream, lines, 1);
    }
  }

  async #step(
    name: string,
    look: () => Promise<Omit<SetupStep, 'name'> & { readonly apply?: () => Promise<unknown> }>,
  ): Promise<void> {
    try {
      const { apply, ...step } = await look();
      if (apply && !this.#dryRun) await apply();
      this.#steps.push({ name, ...step });
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      const action = isUnknownRequest(error) ? 'unavailable' : error.kind === 'forbidden' ? 'forbidden' : undefined;
      if (action === undefined) throw error;
      this.#steps.push({ name, action, details: [error.message] });
    }
  }
}

/** Whether Elasticsearch has no such request: as other builds of it say that. */
function isUnknownRequest(error: unknown): boolean {
  if (!(error instanceof ClusterError)) return false;
  return error.status === 410 || error.message.includes('no handler found for uri');
}
