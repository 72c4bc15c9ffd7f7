import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers';
import type { ListenAddress } from '@botaudit/config';
import { journalBytes } from '@botaudit/journal';
import type { Meter } from '@opentelemetry/api';
import type { Registry } from 'prom-client';
import {
  joinRegistry,
  Metrics,
  MetricsFile,
  type MetricsServer,
  publishToMeter,
  serveMetrics,
} from '../metrics/index.js';
import type { Say } from './say.js';

/** By then an application has loaded what it imports, a registry of its own among it. */
const SETTLED_MS = 50;

/** What is needed to publish the metrics of a thread. */
export interface MeasuresOptions {
  /** Where they are served; `undefined` for nowhere. */
  readonly address: ListenAddress | undefined;
  /** Gets them too. */
  readonly meter: Meter | undefined;
  readonly groupRead: boolean;
  readonly say: Say;
}

/**
 * The metrics of a thread, and where they are published: in its stream's folder; in the application's own prom-client
 * registry where it has one, else at an address of ours; and through an OpenTelemetry meter where one is given.
 */
export class Measures {
  readonly metrics = new Metrics();
  readonly #options: MeasuresOptions;
  readonly #joined = new Set<unknown>();
  #file: MetricsFile | undefined;
  #server: MetricsServer | undefined;
  #publishing: NodeJS.Timeout | undefined;

  constructor(options: MeasuresOptions) {
    this.#options = options;
    if (options.meter) publishToMeter(this.metrics, options.meter);
  }

  /**
   * Publishes them, a moment later.
   *
   * @param directory the journal's folder. It need not be there: a process that has nothing to audit says that alone.
   */
  publish(directory: string, streamId?: string): void {
    if (this.#server) return;
    clearTimeout(this.#publishing);
    this.#publishing = setTimeout(() => {
      this.joinRegistries();
      this.sizeUp(directory);
      const { address, say } = this.#options;
      if (!address || this.#joined.size > 0) return;
      this.#server = serveMetrics({ directory, ...address, own: { metrics: this.metrics, streamId }, say });
    }, SETTLED_MS).unref();
  }

  /** Keeps them in the stream's folder. */
  keepIn(streamDirectory: string): void {
    this.#file ??= new MetricsFile(this.metrics, streamDirectory, { mode: this.#options.groupRead ? 0o640 : 0o600 });
  }

  /** Measures what the journal takes. */
  sizeUp(directory: string): void {
    try {
      this.metrics.set('audit_journal_bytes', {}, journalBytes(directory));
    } catch {
      // What can't be listed can't be measured; that it can't is said by whoever writes there.
    }
  }

  /** Joins the registry of every prom-client that the application has loaded since. */
  joinRegistries(): void {
    for (const registry of loadedRegistries()) {
      if (this.#joined.has(registry)) continue;
      this.#joined.add(registry);
      const taken = joinRegistry(this.metrics, registry);
      if (taken.length > 0)
        this.#options.say(`not in the application's registry, where the name is taken: ${taken.join(', ')}`);
    }
  }

  /** The last of them, for the end of the thread: synchronous. */
  close(): void {
    clearTimeout(this.#publishing);
    this.#server?.close();
    this.#file?.close();
  }
}

const PROM_CLIENT = /[\\/]node_modules[\\/]prom-client[\\/]index\.js$/;

/** The global registries of the application's copies of prom-client. It is CommonJS, however it is imported. */
function loadedRegistries(): Registry[] {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache)
    .filter((path) => PROM_CLIENT.test(path))
    .map((path) => (cache[path]?.exports as { register?: Registry } | undefined)?.register)
    .filter((registry) => registry !== undefined);
}
