import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath, isExecutable, run } from '../command.ts';
import { type InstallContext, type Installed, type Part, type RunningPart, StackError } from '../part.ts';
import { freePorts } from '../ports.ts';
import { Service } from '../service.ts';
import { faster } from './faster.ts';
import { type GoNeeds, installWithGo } from './go.ts';

/** Prometheus' configuration and rules. */
const CONFIG = fileURLToPath(new URL('../../../collector-config/prometheus/', import.meta.url));

/** Names the folder with the programs to use in place of those that would be built. */
const VARIABLE = 'BOTAUDIT_PROMETHEUS';

const PROGRAMS = ['prometheus', 'promtool'] as const;
const VERSION = '3.16.0';
/** The module counts its releases in another way. */
const MODULE_VERSION = 'v0.316.0';
/** Counted up when what is built changes. */
const RECIPE = 1;
/** Older ones do not take a duration such as `15m` for a number, which the rules rely on. */
const OLDEST_MAJOR = 3;

const NEEDS: GoNeeds = {
  title: 'Prometheus',
  oldest: '1.26.7',
  bytes: 2_500_000_000,
  otherwise: `Or name the folder of a Prometheus ${OLDEST_MAJOR} that you have, with promtool: ${VARIABLE}=/path/to/folder`,
};

const READY_TIMEOUT_MS = 30_000;

/** Prometheus, with the rules of `collector-config/prometheus/`. */
export const prometheus: Part = {
  name: 'prometheus',
  title: 'Prometheus',
  cost: `about 6 minutes on 2 cores, 2 GB in Go's caches and 250 MB here; needs Go ${NEEDS.oldest} or newer`,
  memory: '60 MB',
  instead: [VARIABLE, 'a folder with prometheus and promtool'],

  async locate({ env, cache }) {
    const named = env[VARIABLE];
    if (named) {
      const problem = await problemOf(named);
      if (problem === undefined) return { path: named, source: 'environment' };
      throw new StackError(`${VARIABLE} names ${named}, ${problem}`);
    }
    const onPath = await findOnPath('prometheus', env);
    if (onPath && (await problemOf(dirname(onPath))) === undefined) return { path: dirname(onPath), source: 'path' };
    const path = cachedFolder(cache);
    return (await isExecutable(join(path, 'promtool'))) ? { path, source: 'cache' } : undefined;
  },

  async install(context) {
    return { path: await build(context), source: 'cache' };
  },

  async start({ installed, folder, others }): Promise<RunningPart> {
    const [bots] = await freePorts(1);
    const collector = others.get('collector')?.addresses?.metrics;
    const indexer = others.get('indexer')?.addresses?.metrics;
    const alerts = others.get('alertmanager')?.addresses?.alerts;
    const running = await Prometheus.start({
      installed,
      folder,
      targets: {
        bots: { bots: [`127.0.0.1:${bots}`] },
        ...(collector ? { collector: { collector: [collector] } } : {}),
        ...(indexer ? { indexer: { indexer: [indexer] } } : {}),
        ...(alerts ? { alertmanager: { alertmanager: [alerts] } } : {}),
      },
      timesFaster: timesFaster(process.env),
    });
    return {
      botEnv: { BOTAUDIT_METRICS: `127.0.0.1:${bots}` },
      shellEnv: { PROMETHEUS: running.url },
      facts: [
        ['address', running.url],
        ['targets', join(folder, 'targets')],
        ['rules', CONFIG],
        ['log', running.log],
      ],
      ended: running.ended,
      stop: () => running.stop(),
    };
  },
};

/**
 * How many times as fast time passes in rules and routes: `BOTAUDIT_STACK_FASTER`, else 1.
 *
 * @throws {StackError} when it is no number from 1 on.
 */
export function timesFaster(env: NodeJS.ProcessEnv): number {
  const times = Number(env.BOTAUDIT_STACK_FASTER || 1);
  if (times >= 1) return times;
  throw new StackError(`BOTAUDIT_STACK_FASTER is ${env.BOTAUDIT_STACK_FASTER}; a number from 1 on is allowed`);
}

/** Who is scraped: `host:port` by job, by the name of the file in `targets/`. */
export type Targets = Partial<
  Record<'bots' | 'indexer' | 'collector' | 'alertmanager', Readonly<Record<string, readonly string[]>>>
>;

/** How a Prometheus is run. */
export interface PrometheusOptions {
  readonly installed: Installed;
  /** Folder for its configuration, its data and its log; exists. */
  readonly folder: string;
  readonly targets: Targets;
  /** How many times as fast time passes in the configuration and the rules; see {@link faster}. Default: 1. */
  readonly timesFaster?: number;
  /** Files of rules beside those of `collector-config/prometheus/`: text by name (`*.rules.yaml`). Default: none. */
  readonly rules?: Readonly<Record<string, string>>;
}

/** A series or value, as Prometheus' API tells it. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** A Prometheus on loopback with the configuration of `collector-config/prometheus/`. */
export class Prometheus {
  readonly #options: PrometheusOptions;
  readonly #port: number;
  #service: Service | undefined;

  private constructor(options: PrometheusOptions, port: number) {
    this.#options = options;
    this.#port = port;
  }

  /**
   * Starts one on a free port and waits until it is ready.
   *
   * @throws {StackError} when it does not get there.
   */
  static async start(options: PrometheusOptions): Promise<Prometheus> {
    const [port = 0] = await freePorts(1);
    const server = new Prometheus(options, port);
    await server.#configure();
    server.#service = await Service.start({
      command: join(options.installed.path, 'prometheus'),
      args: [
        `--config.file=${join(options.folder, 'prometheus.yaml')}`,
        `--storage.tsdb.path=${join(options.folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        // Else alerts that were pending for longer than 10 min before a restart are all that is remembered.
        '--rules.alert.for-grace-period=0s',
      ],
      cwd: options.folder,
      env: {},
      log: server.log,
      ready: async () => (await fetch(`${server.url}/-/ready`)).ok,
      readyTimeoutMs: READY_TIMEOUT_MS,
    });
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get log(): string {
    return join(this.#options.folder, 'prometheus.log');
  }

  /** Settles when it has ended, with how. */
  get ended(): Promise<string> {
    return this.#service?.ended ?? Promise.resolve('not running');
  }

  /** Has it scrape these from now on, in place of those in the same files. */
  async scrape(targets: Targets): Promise<void> {
    for (const [name, jobs] of Object.entries(targets)) {
      const file = join(this.#options.folder, 'targets', `${name}.yaml`);
      const groups = Object.entries(jobs).map(([job, addresses]) => ({ targets: addresses, labels: { job } }));
      await writeFile(`${file}.new`, JSON.stringify(groups));
      await rename(`${file}.new`, file);
    }
  }

  /**
   * Runs an instant query.
   *
   * @throws {StackError} when it can't be run.
   */
  async query(expression: string): Promise<readonly Sample[]> {
    const url = `${this.url}/api/v1/query?${new URLSearchParams({ query: expression })}`;
    const answer = (await (await fetch(url)).json()) as {
      readonly error?: string;
      readonly data?: { readonly resultType: string; readonly result: readonly Sample[] | Sample['value'] };
    };
    if (!answer.data) throw new StackError(`${expression}: ${answer.error}`);
    const { resultType, result } = answer.data;
    return resultType === 'scalar' ? [{ metric: {}, value: result as Sample['value'] }] : (result as Sample[]);
  }

  /** Ends it cleanly. */
  async stop(): Promise<void> {
    await this.#service?.stop();
  }

  async #configure(): Promise<void> {
    const { folder, targets, timesFaster = 1, rules = {} } = this.#options;
    await mkdir(join(folder, 'targets'));
    const files: Record<string, string> = { ...rules };
    for (const name of await readdir(CONFIG)) {
      if (/^prometheus\.yaml$|\.rules\.yaml$/.test(name)) files[name] = await readFile(join(CONFIG, name), 'utf8');
    }
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), faster(text, timesFaster));
    await this.scrape(targets);
  }
}

/**
 * Runs promtool to its end.
 *
 * @returns its stdout.
 * @throws {StackError} when it finds something wrong; the message says what.
 */
export async function promtool(installed: Installed, args: readonly string[]): Promise<string> {
  return run(join(installed.path, 'promtool'), args);
}

/** Why the programs in a folder can't be used; `undefined` when they can. */
async function problemOf(folder: string): Promise<string | undefined> {
  for (const name of PROGRAMS) {
    if (!(await isExecutable(join(folder, name)))) return `where there is no ${name} that may be executed`;
  }
  const said = await run(join(folder, 'prometheus'), ['--version']);
  const major = Number(/version (\d+)\./.exec(said)?.[1] ?? 0);
  return major >= OLDEST_MAJOR ? undefined : `whose Prometheus is older than ${OLDEST_MAJOR}.0: ${said.split('\n')[0]}`;
}

function cachedFolder(cache: string): string {
  return join(cache, `prometheus-${VERSION}-${RECIPE}`);
}

/** Without service discovery but that of files and HTTP: half of what would have to be compiled. */
async function build(context: InstallContext): Promise<string> {
  const module = 'github.com/prometheus/prometheus/cmd';
  const programs = {
    packages: PROGRAMS.map((name) => `${module}/${name}@${MODULE_VERSION}`),
    tags: ['remove_all_sd'],
    variables: { 'github.com/prometheus/common/version.Version': VERSION },
  };
  const path = cachedFolder(context.cache);
  await installWithGo(context, NEEDS, programs, async (folder) => {
    await promtool({ path: folder, source: 'cache' }, ['--version']);
    await rename(folder, path);
  });
  return path;
}
