import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath, isExecutable, run } from '../command.ts';
import { type Installed, type Part, type RunningPart, StackError } from '../part.ts';
import { freePorts } from '../ports.ts';
import { Service } from '../service.ts';
import { buildCollector, cachedBinary, readManifest } from './collector-build.ts';

const CONFIG = fileURLToPath(new URL('../../../collector-config/', import.meta.url));

/** Names the executable to use in place of the one that would be built. */
const VARIABLE = 'BOTAUDIT_OTELCOL';

const READY_TIMEOUT_MS = 30_000;

/** The OpenTelemetry Collector of `collector-config/`. */
export const collector: Part = {
  name: 'collector',
  title: 'OpenTelemetry Collector',
  cost: "about 4 minutes on 2 cores, 1 GB in Go's caches and 30 MB here; needs Go 1.25 or newer",
  memory: '50 MB',
  instead: [VARIABLE, 'an otelcol'],

  async locate({ env, cache }) {
    const named = env[VARIABLE];
    if (named) return { path: await usable(named), source: 'environment' };
    for (const name of ['otelcol', 'otelcol-contrib']) {
      const path = await findOnPath(name, env);
      // One that lacks a component was not installed for this.
      if (path && (await missingModules(path).catch(() => ['all'])).length === 0) return { path, source: 'path' };
    }
    const path = cachedBinary(cache, await readManifest());
    return (await isExecutable(path)) ? { path, source: 'cache' } : undefined;
  },

  async install(context) {
    return { path: await buildCollector(context, await readManifest()), source: 'cache' };
  },

  async start({ installed, folder, others }): Promise<RunningPart> {
    const token = randomBytes(32).toString('hex');
    const next = others.get('indexer')?.nextHop;
    const running = await Collector.start({
      installed,
      folder,
      token,
      ...(next && {
        overlays: ['forward'] as const,
        env: { AUDIT_FORWARD_URL: next.url, AUDIT_FORWARD_TOKEN: next.token },
      }),
    });
    return {
      addresses: { metrics: new URL(running.metricsUrl).host },
      botEnv: {
        OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: running.url,
        OTEL_EXPORTER_OTLP_AUDIT_HEADERS: `authorization=Bearer%20${token}`,
      },
      facts: [
        ['audit endpoint', running.url],
        ['bearer token', token],
        ['health', running.healthUrl],
        ['metrics', running.metricsUrl],
        ...(next ? [['sends on to', next.url] as const] : []),
        ['archive', join(running.archiveFolder, 'audit.jsonl')],
        ['log', running.log],
      ],
      ended: running.ended,
      stop: () => running.stop(),
    };
  },
};

/** How a collector is run. */
export interface CollectorOptions {
  readonly installed: Installed;
  /** Folder for its state and its log; exists. */
  readonly folder: string;
  /** Bearer token that senders must show. */
  readonly token: string;
  /** Files of `collector-config/` that are laid over `collector.yaml`. Default: none. */
  readonly overlays?: readonly ('forward' | 'kafka' | 'tls')[];
  /** Further files that are laid over those, by their paths. Default: none. */
  readonly configs?: readonly string[];
  /** Further variables that those files name. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A collector of `collector-config/` on loopback, which can be stopped or killed, and started again as it was. */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #ports: readonly number[];
  #service: Service | undefined;

  private constructor(options: CollectorOptions, ports: readonly number[]) {
    this.#options = options;
    this.#ports = ports;
  }

  /**
   * Starts one on free ports and waits until it is healthy.
   *
   * @throws {StackError} when it does not get there.
   */
  static async start(options: CollectorOptions): Promise<Collector> {
    for (let attempt = 1; ; attempt++) {
      const running = new Collector(options, await freePorts(3));
      try {
        await running.resume();
        return running;
      } catch (error) {
        // Somebody else was faster at a port: take others.
        if (attempt === 3 || !String(error).includes('address already in use')) throw error;
      }
    }
  }

  /** Where senders post: the address of `/v1/audit`. */
  get url(): string {
    const scheme = this.#options.overlays?.includes('tls') ? 'https' : 'http';
    return `${scheme}://127.0.0.1:${this.#ports[0]}/v1/audit`;
  }

  get healthUrl(): string {
    return `http://127.0.0.1:${this.#ports[1]}/`;
  }

  get metricsUrl(): string {
    return `http://127.0.0.1:${this.#ports[2]}/metrics`;
  }

  /** Holds `audit.jsonl` and the files that were rotated away. */
  get archiveFolder(): string {
    return join(this.#options.folder, 'state', 'archive');
  }

  get log(): string {
    return join(this.#options.folder, 'collector.log');
  }

  /** Settles when the process that runs now has ended, with how. */
  get ended(): Promise<string> {
    return this.#service?.ended ?? Promise.resolve('not running');
  }

  /** Starts it again after {@link stop} or {@link kill}: the same ports, the same folder. */
  async resume(): Promise<void> {
    const { installed, folder, token, overlays = [], configs = [], env } = this.#options;
    await mkdir(join(folder, 'state'), { recursive: true, mode: 0o700 });
    const files = ['collector.yaml', ...overlays.map((name) => `collector.${name}.yaml`), ...configs];
    this.#service = await Service.start({
      command: installed.path,
      args: files.flatMap((name) => ['--config', resolve(CONFIG, name)]),
      cwd: folder,
      env: {
        AUDIT_TOKEN: token,
        AUDIT_STATE_DIR: join(folder, 'state'),
        AUDIT_ENDPOINT: `127.0.0.1:${this.#ports[0]}`,
        AUDIT_HEALTH: `127.0.0.1:${this.#ports[1]}`,
        AUDIT_METRICS_PORT: String(this.#ports[2]),
        ...env,
      },
      log: this.log,
      ready: async () => (await fetch(this.healthUrl)).ok,
      readyTimeoutMs: READY_TIMEOUT_MS,
    });
  }

  /** Ends it cleanly. */
  async stop(): Promise<void> {
    await this.#service?.stop();
  }

  /** Ends it with SIGKILL. */
  async kill(): Promise<void> {
    await this.#service?.kill();
  }
}

/**
 * Whether the collector's executable accepts a configuration.
 *
 * @returns what it says against it; `undefined` when it accepts it.
 */
export async function validate(
  installed: Installed,
  files: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const args = ['validate', ...files.flatMap((name) => ['--config', join(CONFIG, name)])];
  return run(installed.path, args, { env }).then(
    () => undefined,
    (error: unknown) => String(error),
  );
}

async function usable(path: string): Promise<string> {
  if (!(await isExecutable(path))) throw new StackError(`${VARIABLE} names ${path}, which is no executable file`);
  const missing = await missingModules(path);
  if (missing.length > 0) {
    throw new StackError(`${VARIABLE} names ${path}, which lacks components of collector-config/builder.yaml:
  ${missing.join('\n  ')}`);
  }
  return path;
}

/** Components of the manifest that a collector was built without. */
async function missingModules(path: string): Promise<string[]> {
  const components = await run(path, ['components']);
  const { modules } = await readManifest();
  return modules.map(([module]) => module).filter((module) => !components.includes(`${module} v`));
}
