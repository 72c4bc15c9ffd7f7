import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath, isExecutable, run } from '../command.ts';
import { type InstallContext, type Installed, type Part, type RunningPart, StackError } from '../part.ts';
import { freePorts } from '../ports.ts';
import { Service } from '../service.ts';
import { faster } from './faster.ts';
import { type GoNeeds, installWithGo } from './go.ts';
import { timesFaster } from './prometheus.ts';

const CONFIG = fileURLToPath(new URL('../../../collector-config/alertmanager/alertmanager.yaml', import.meta.url));

/** Where that configuration has the addresses of who is notified. */
const SECRETS = '/etc/alertmanager/secrets';

/** Names the folder with the programs to use in place of those that would be built. */
const VARIABLE = 'BOTAUDIT_ALERTMANAGER';

const PROGRAMS = ['alertmanager', 'amtool'] as const;
const VERSION = '0.31.1';
/** Counted up when what is built changes. */
const RECIPE = 1;

const NEEDS: GoNeeds = {
  title: 'Alertmanager',
  oldest: '1.24.0',
  bytes: 600_000_000,
  otherwise: `Or name the folder of an Alertmanager that you have, with amtool: ${VARIABLE}=/path/to/folder`,
};

const READY_TIMEOUT_MS = 30_000;

/** Receivers of `collector-config/alertmanager/alertmanager.yaml`. */
export const RECEIVERS = ['page', 'ticket', 'watchdog'] as const;

export type Receiver = (typeof RECEIVERS)[number];

/** Alertmanager, with the routes of `collector-config/alertmanager/`. */
export const alertmanager: Part = {
  name: 'alertmanager',
  title: 'Alertmanager',
  cost: `about a minute on 2 cores, 0.5 GB in Go's caches and 70 MB here; needs Go ${NEEDS.oldest} or newer`,
  memory: '40 MB',
  instead: [VARIABLE, 'a folder with alertmanager and amtool'],

  async locate({ env, cache }) {
    const named = env[VARIABLE];
    if (named) {
      if (await hasPrograms(named)) return { path: named, source: 'environment' };
      throw new StackError(`${VARIABLE} names ${named}, where there is no ${PROGRAMS.join(', or no ')} to be executed`);
    }
    const onPath = await findOnPath('alertmanager', env);
    if (onPath && (await hasPrograms(dirname(onPath)))) return { path: dirname(onPath), source: 'path' };
    const path = cachedFolder(cache);
    return (await hasPrograms(path)) ? { path, source: 'cache' } : undefined;
  },

  async install(context) {
    return { path: await build(context), source: 'cache' };
  },

  async start({ installed, folder }): Promise<RunningPart> {
    const running = await Alertmanager.start({ installed, folder, timesFaster: timesFaster(process.env) });
    return {
      addresses: { alerts: running.address },
      botEnv: {},
      shellEnv: { ALERTMANAGER: `http://${running.address}` },
      facts: [
        ['address', `http://${running.address}`],
        ['who is told', `the URL in ${running.secrets}/<${RECEIVERS.join('|')}>-url, read for each notification`],
        ['log', running.log],
      ],
      ended: running.ended,
      stop: () => running.stop(),
    };
  },
};

/** How an Alertmanager is run. */
export interface AlertmanagerOptions {
  readonly installed: Installed;
  /** Folder for its configuration, its data and its log; exists. */
  readonly folder: string;
  /** Webhooks that are called. Default: a port that nobody listens on, so that alerts are seen in Alertmanager alone. */
  readonly webhooks?: Readonly<Record<Receiver, string>>;
  /** How many times as fast time passes in the routes; see {@link faster}. Default: 1. */
  readonly timesFaster?: number;
}

/** An Alertmanager on loopback with the configuration of `collector-config/alertmanager/`. */
export class Alertmanager {
  readonly #options: AlertmanagerOptions;
  readonly #port: number;
  #service: Service | undefined;

  private constructor(options: AlertmanagerOptions, port: number) {
    this.#options = options;
    this.#port = port;
  }

  /**
   * Starts one on a free port and waits until it is ready.
   *
   * @throws {StackError} when it does not get there.
   */
  static async start(options: AlertmanagerOptions): Promise<Alertmanager> {
    const [port = 0] = await freePorts(1);
    const server = new Alertmanager(options, port);
    await server.#configure();
    server.#service = await Service.start({
      command: join(options.installed.path, 'alertmanager'),
      args: [
        `--config.file=${join(options.folder, 'alertmanager.yaml')}`,
        `--storage.path=${join(options.folder, 'data')}`,
        `--web.listen-address=${server.address}`,
        // Alone: no cluster.
        '--cluster.listen-address=',
      ],
      cwd: options.folder,
      env: {},
      log: server.log,
      ready: async () => (await fetch(`http://${server.address}/-/ready`)).ok,
      readyTimeoutMs: READY_TIMEOUT_MS,
    });
    return server;
  }

  /** Where it takes alerts, and shows them: `host:port`. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Folder with the addresses of who is told. */
  get secrets(): string {
    return join(this.#options.folder, 'secrets');
  }

  get log(): string {
    return join(this.#options.folder, 'alertmanager.log');
  }

  /** Settles when it has ended, with how. */
  get ended(): Promise<string> {
    return this.#service?.ended ?? Promise.resolve('not running');
  }

  /** Ends it cleanly. */
  async stop(): Promise<void> {
    await this.#service?.stop();
  }

  async #configure(): Promise<void> {
    const { folder, webhooks, timesFaster = 1 } = this.#options;
    await mkdir(this.secrets, { mode: 0o700 });
    const text = (await readFile(CONFIG, 'utf8')).replaceAll(SECRETS, this.secrets);
    await writeFile(join(folder, 'alertmanager.yaml'), faster(text, timesFaster));
    for (const name of RECEIVERS) {
      await writeFile(join(this.secrets, `${name}-url`), webhooks?.[name] ?? 'http://127.0.0.1:9/', { mode: 0o600 });
    }
  }
}

/**
 * Runs amtool to its end, on the configuration of `collector-config/alertmanager/`.
 *
 * @returns its stdout.
 * @throws {StackError} when it finds something wrong; the message says what.
 */
export async function amtool(
  installed: Installed,
  command: readonly string[],
  args: readonly string[] = [],
): Promise<string> {
  const file = command[0] === 'check-config' ? [CONFIG] : [`--config.file=${CONFIG}`];
  return run(join(installed.path, 'amtool'), [...command, ...file, ...args]);
}

async function hasPrograms(folder: string): Promise<boolean> {
  const found = await Promise.all(PROGRAMS.map((name) => isExecutable(join(folder, name))));
  return found.every(Boolean);
}

function cachedFolder(cache: string): string {
  return join(cache, `alertmanager-${VERSION}-${RECIPE}`);
}

async function build(context: InstallContext): Promise<string> {
  const module = 'github.com/prometheus/alertmanager/cmd';
  const programs = {
    packages: PROGRAMS.map((name) => `${module}/${name}@v${VERSION}`),
    variables: { 'github.com/prometheus/common/version.Version': VERSION },
  };
  const path = cachedFolder(context.cache);
  await installWithGo(context, NEEDS, programs, async (folder) => {
    await run(join(folder, 'amtool'), ['--version']);
    await rename(folder, path);
  });
  return path;
}
