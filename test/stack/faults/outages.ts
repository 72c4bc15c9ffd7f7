import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../support/eventually.ts';
import type { Pipeline } from './pipeline.ts';
import type { Target } from './target.ts';

/** Where an outage happens. */
export interface Scene {
  readonly target: Target;
  readonly pipeline: Pipeline;
  /** What the indexer could not do since it began. */
  readonly failures: Failures;
}

/** Counts what an indexer could not do, by the reasons of its metrics, from one time on. */
export class Failures {
  readonly #url: string;
  #before: ReadonlyMap<string, number> = new Map();

  private constructor(url: string) {
    this.#url = url;
  }

  static async since({ indexer }: Pipeline): Promise<Failures> {
    const failures = new Failures(indexer.metricsUrl);
    failures.#before = await failures.#all();
    return failures;
  }

  async of(reason: string): Promise<number> {
    return ((await this.#all()).get(reason) ?? 0) - (this.#before.get(reason) ?? 0);
  }

  async #all(): Promise<ReadonlyMap<string, number>> {
    const text = await (await fetch(this.#url)).text();
    const found = text.matchAll(/^audit_indexer_elasticsearch_errors_total\{reason="(\w+)"\} (\d+)$/gm);
    return new Map([...found].map(([, reason = '', count]) => [reason, Number(count)]));
  }
}

/** Something that goes wrong for a while. */
export interface Outage {
  readonly fault: string;
  /** Resolves once it is there, with what ends it. */
  begin(scene: Scene): Promise<() => Promise<void>>;
  /** How it shows, once it does. */
  seen(scene: Scene): Promise<string | undefined>;
}

/** How long somebody may take to notice: an indexer waits 30 s for an answer of Elasticsearch. */
const NOTICE_TIMEOUT_MS = 120_000;

/** Waits until an outage shows; returns how. */
export const notice = (outage: Outage, scene: Scene): Promise<string> =>
  eventually(`${outage.fault} is noticed`, () => outage.seen(scene), NOTICE_TIMEOUT_MS);

/** The indexer counts a failure of this reason. */
const indexerSees =
  (reason: string) =>
  async ({ failures }: Scene): Promise<string | undefined> => {
    const count = await failures.of(reason);
    return count > 0 ? `${reason} × ${count}, by the indexer` : undefined;
  };

async function change({ node }: Target, persistent: object): Promise<void> {
  const answer = await node.request('PUT', '/_cluster/settings', { persistent });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
}

/** Sets something, and takes it back at the end. */
async function setting({ target }: Scene, settings: Readonly<Record<string, string>>): Promise<() => Promise<void>> {
  await change(target, settings);
  return () => change(target, Object.fromEntries(Object.keys(settings).map((name) => [name, null])));
}

export const frozen: Outage = {
  fault: 'Elasticsearch frozen (SIGSTOP): it holds connections, and answers nothing',
  async begin({ target }) {
    await target.node.freeze();
    return () => target.node.thaw();
  },
  seen: indexerSees('timeout'),
};

export const stopped: Outage = {
  fault: 'Elasticsearch stopped; the indexer killed and started again while it is away',
  async begin({ target, pipeline: { indexer } }) {
    await target.node.stop();
    await indexer.kill();
    const ready = onceReady(indexer);
    await eventually(
      'an indexer that is alive',
      async () => (await statusOf(indexer, '/healthz')) === 200 || undefined,
    );
    return async () => {
      await target.node.resume();
      await ready;
    };
  },
  async seen(scene) {
    const isReady = (await statusOf(scene.pipeline.indexer, '/readyz')) !== 503;
    return isReady ? undefined : indexerSees('unavailable')(scene);
  },
};

/** What an indexer answers about itself; 0 while it does not. */
const statusOf = ({ metricsUrl }: Pipeline['indexer'], path: string): Promise<number> =>
  fetch(new URL(path, metricsUrl)).then(
    ({ status }) => status,
    () => 0,
  );

/** Starts again what can't be ready before the outage is over, however long that takes. */
function onceReady(component: { resume(readyTimeoutMs: number): Promise<void> }): Promise<void> {
  const ready = component.resume(2 ** 30);
  // Heard of at the end.
  ready.catch(() => {});
  return ready;
}

/** What a restarted node has no room to recover at once stays unassigned: with none, also the index of users and keys. */
const RECOVERIES = 'cluster.routing.allocation.node_initial_primaries_recoveries';

/**
 * A node that serves and has not recovered its security index: keys can't be looked up, and each gets a 401. How long that
 * takes depends on the node, so it is held there. Who ends it is known from a file.
 */
export const securityNotReady: Outage = {
  fault: 'Elasticsearch restarted (SIGKILL), its security index not ready: 401 for a valid key',
  async begin({ target }) {
    const authorization = await addOperator(target);
    await change(target, { [RECOVERIES]: '0' });
    await target.node.kill();
    const ready = onceReady(target.node);
    return async () => {
      const answer = await fetch(`${target.node.url}/_cluster/settings`, {
        method: 'PUT',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ persistent: { [RECOVERIES]: null } }),
      });
      if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
      await ready;
    };
  },
  seen: indexerSees('unauthorized'),
};

/** Adds a superuser to the files that a node reads when it starts; returns what shows it. */
async function addOperator({ folder }: Target): Promise<string> {
  const password = randomBytes(16).toString('hex');
  const salt = randomBytes(32);
  const hash = pbkdf2Sync(password, salt, 10_000, 32, 'sha512');
  const line = `operator:{PBKDF2}10000$${salt.toString('base64')}$${hash.toString('base64')}\n`;
  await writeFile(join(folder, 'config/users'), line);
  await writeFile(join(folder, 'config/users_roles'), 'superuser:operator\n');
  return `Basic ${Buffer.from(`operator:${password}`).toString('base64')}`;
}

export const redIndex = (namespace: string): Outage => ({
  fault: 'red index: its primary has no place',
  async begin(scene) {
    const end = await setting(scene, { 'cluster.routing.allocation.enable': 'none' });
    const path = `/logs-audit.otel-${namespace}/_rollover?wait_for_active_shards=0`;
    const answer = await scene.target.node.request('POST', path);
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    return end;
  },
  async seen(scene) {
    const answer = await scene.target.node.request('GET', '/_cluster/health');
    const { status } = (await answer.json()) as { status: string };
    const seen = await indexerSees('timeout')(scene);
    return status === 'red' && seen !== undefined ? `health red; ${seen}` : undefined;
  },
});

export const circuitBreaker: Outage = {
  fault: '429 for every request: the circuit breaker of memory',
  begin: (scene) => setting(scene, { 'indices.breaker.total.limit': '30mb' }),
  seen: indexerSees('throttled'),
};

/** More than any disk has. */
const NEVER_FREE = '1000tb';

export const watermark: Outage = {
  fault: 'disk past the flood-stage watermark: indices read-only, 429 for every document',
  async begin(scene) {
    const marks = ['low', 'high', 'flood_stage'].map((name) => `cluster.routing.allocation.disk.watermark.${name}`);
    await change(scene.target, {
      'cluster.routing.allocation.disk.threshold_enabled': 'true',
      // The shortest that there is.
      'cluster.info.update.interval': '10s',
      ...Object.fromEntries(marks.map((name) => [name, NEVER_FREE])),
    });
    // Elasticsearch itself takes the block away when there is room again; so it has to go on looking.
    return () => change(scene.target, Object.fromEntries(marks.map((name) => [name, '1b'])));
  },
  seen: indexerSees('throttled'),
};

/** @param wrong files (PEM) of a certificate by an authority that the indexer does not know, and of its key. */
export const wrongCertificate = (wrong: { readonly certificate: string; readonly key: string }): Outage => ({
  fault: 'Elasticsearch shows a certificate of an unknown authority',
  async begin({ target }) {
    const files = ['http.pem', 'http-key.pem'].map((name) => join(target.folder, 'config', name));
    const right = await Promise.all(files.map((file) => readFile(file)));
    const [certificate = '', key = ''] = files;
    await target.node.stop();
    await writeFile(certificate, await readFile(wrong.certificate));
    await writeFile(key, await readFile(wrong.key));
    const ready = onceReady(target.node);
    return async () => {
      for (const [index, file] of files.entries()) await writeFile(file, right[index] ?? '');
      await ready;
    };
  },
  async seen(scene) {
    const problem = await fetch(scene.target.node.url).then(
      () => undefined,
      (error: Error) => (error.cause as NodeJS.ErrnoException | undefined)?.code,
    );
    const seen = await indexerSees('unavailable')(scene);
    // Until it serves again it is not there at all.
    return problem && /VERIFY|ISSUER|CERT/.test(problem) && seen ? `${problem}; ${seen}` : undefined;
  },
});

export const indexerStopped: Outage = {
  fault: 'indexer stopped',
  async begin({ pipeline }) {
    await pipeline.indexer.stop();
    return () => pipeline.indexer.resume();
  },
  async seen({ pipeline }) {
    const text = await (await fetch(pipeline.collector.metricsUrl)).text();
    const waiting = Number(/^otelcol_exporter_queue_size\{.*\} (\S+)$/m.exec(text)?.[1] ?? 0);
    return waiting > 0 ? `${waiting} records in the collector's queue` : undefined;
  },
};

export const collectorStopped: Outage = {
  fault: 'collector stopped',
  async begin({ pipeline }) {
    await pipeline.collector.stop();
    return () => pipeline.collector.resume();
  },
  async seen({ pipeline }) {
    const line = pipeline.bot.stderr.split('\n').find((one) => one.includes('does not take records'));
    return line && `“${line.slice(line.indexOf('does not'))}”, by the bot`;
  },
};

/** Enough refusals to be sure that it is the rule. */
const MANY = 50;

/** For a node that writes one thing at a time, and lets one more wait; over as soon as that has happened often enough. */
export const fullQueue: Outage = {
  fault: '429 for a part of the documents: the write queue is full',
  async begin({ pipeline, failures }) {
    pipeline.startBot(5);
    await eventually('a full queue, again and again', async () => {
      return (await failures.of('throttled')) >= MANY || undefined;
    });
    await pipeline.bot.end('SIGTERM');
    pipeline.startBot();
    return async () => {};
  },
  seen: indexerSees('throttled'),
};
