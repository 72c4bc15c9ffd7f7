import { randomBytes } from 'node:crypto';
import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFolder, releaseOnPath } from '../command.ts';
import { type Installed, type Part, type RunningPart, StackError, type Superuser } from '../part.ts';
import { freePorts } from '../ports.ts';
import { Service } from '../service.ts';
import { cachedNode, holdsElasticsearch, neededJava, unpackElasticsearch } from './elasticsearch-install.ts';
import { ElasticsearchProgram } from './elasticsearch-program.ts';
import { handOver, isWithinReach, otherUser } from './elasticsearch-user.ts';
import type { Java } from './java.ts';

/** Names an unpacked Elasticsearch to use in place of the one that would be fetched. */
const VARIABLE = 'BOTAUDIT_ELASTICSEARCH';

/** A machine that is busy takes two minutes. */
const READY_TIMEOUT_MS = 240_000;
const STOP_GRACE_MS = 60_000;
const DEFAULT_HEAP_MB = 512;

/** Elasticsearch, with security on. */
export const elasticsearch: Part = {
  name: 'elasticsearch',
  title: 'Elasticsearch',
  cost: "half a minute, 1 GB in Maven's cache and 110 MB here; needs Maven, and Java 21 or newer (17 for an older release)",
  memory: '0.8 GB',
  instead: [VARIABLE, 'an unpacked Elasticsearch'],

  async locate({ env, cache }) {
    const named = env[VARIABLE];
    if (named) {
      if (await holdsElasticsearch(named)) return { path: named, source: 'environment' };
      throw new StackError(
        `${VARIABLE} names ${named}, which is no unpacked Elasticsearch (no lib/elasticsearch-*.jar)`,
      );
    }
    const onPath = await releaseOnPath('elasticsearch', env);
    // A package of a distribution keeps its configuration elsewhere, where it is that of a server of its own.
    if (onPath && (await holdsElasticsearch(onPath)) && (await isFolder(join(onPath, 'config')))) {
      return { path: onPath, source: 'path' };
    }
    const path = cachedNode(cache, await neededJava(env));
    return (await holdsElasticsearch(path)) ? { path, source: 'cache' } : undefined;
  },

  async install(context) {
    return { path: await unpackElasticsearch(context), source: 'cache' };
  },

  async start({ installed, folder }): Promise<RunningPart> {
    const running = await Elasticsearch.start({ installed, folder });
    // For `curl --netrc-file`: a password among the arguments of a command would be seen by everybody.
    const login = join(folder, 'netrc');
    const host = new URL(running.url).hostname;
    await writeFile(login, `machine ${host} login ${running.username} password ${running.password}\n`, { mode: 0o600 });
    return {
      elasticsearch: running,
      botEnv: {},
      shellEnv: { ES: running.url, ES_LOGIN: login },
      facts: [
        ['address', running.url],
        ['user', running.username],
        ['password', running.password],
        ['log', running.log],
      ],
      ended: running.ended,
      stop: () => running.stop(),
    };
  },
};

/** How an Elasticsearch is run. */
export interface ElasticsearchOptions {
  readonly installed: Installed;
  /** Folder for its data and its log; exists. */
  readonly folder: string;
  /** Heap in megabytes. Default: 512. */
  readonly heapMb?: number;
  /** Lines that are added to `elasticsearch.yml`. Default: none. */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Files (PEM) with its certificate and key, for HTTPS. Default: HTTP. They are copied to `config/http.pem` and
   * `config/http-key.pem` in its folder; what is written there later is taken up within seconds. This process has to
   * trust the certificate (`tls.setDefaultCACertificates`).
   */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A node on loopback, of one user `elastic` with a random password; can be stopped or killed, and started again. */
export class Elasticsearch implements Superuser {
  readonly username = 'elastic';
  readonly password = randomBytes(24).toString('hex');
  readonly #options: ElasticsearchOptions;
  readonly #java: Java;
  readonly #ports: readonly number[];
  #program: ElasticsearchProgram;
  #service: Service | undefined;

  private constructor(options: ElasticsearchOptions, java: Java, ports: readonly number[]) {
    this.#options = options;
    this.#java = java;
    this.#ports = ports;
    this.#program = this.#programIn(options.installed.path);
  }

  /**
   * Starts one on free ports, and waits until it takes users and passwords.
   *
   * @throws {StackError} when it does not get there.
   */
  static async start(options: ElasticsearchOptions): Promise<Elasticsearch> {
    const node = new Elasticsearch(options, await neededJava(process.env), await freePorts(2));
    await node.#prepare();
    await node.resume();
    return node;
  }

  get url(): string {
    return `http${this.#options.tls ? 's' : ''}://127.0.0.1:${this.#ports[0]}`;
  }

  get log(): string {
    return join(this.#options.folder, 'elasticsearch.log');
  }

  /** Settles when the process that runs now has ended, with how. */
  get ended(): Promise<string> {
    return this.#service?.ended ?? Promise.resolve('not running');
  }

  /**
   * Starts it again after {@link stop} or {@link kill}: the same ports, data and password.
   *
   * @param readyTimeoutMs how long it may take to serve, in milliseconds. Default: 240,000.
   */
  async resume(readyTimeoutMs = READY_TIMEOUT_MS): Promise<void> {
    const [command = '', ...args] = [...(await otherUser()), ...(await this.#program.server())];
    this.#service = await Service.start({
      command,
      args,
      cwd: this.#program.home,
      env: this.#program.env,
      log: this.log,
      ready: () => this.#ready(),
      readyTimeoutMs,
    });
  }

  /** Ends it cleanly. */
  async stop(): Promise<void> {
    await this.#service?.stop(STOP_GRACE_MS);
  }

  /** Ends it with SIGKILL: the server itself, and the launcher that watches over it. */
  async kill(): Promise<void> {
    await this.#signalServer('SIGKILL');
    await this.#service?.kill();
  }

  /** Stops the server's process where it stands, so that it holds its connections and answers nothing. */
  async freeze(): Promise<void> {
    await this.#signalServer('SIGSTOP');
  }

  /** Lets it go on after {@link freeze}. */
  async thaw(): Promise<void> {
    await this.#signalServer('SIGCONT');
  }

  /** Signals the server itself, which is a child of the launcher: of any of its threads. */
  async #signalServer(signal: NodeJS.Signals): Promise<void> {
    const threads = `/proc/${this.#service?.pid}/task`;
    for (const thread of await readdir(threads).catch(() => [])) {
      const children = await readFile(join(threads, thread, 'children'), 'utf8').catch(() => '');
      for (const child of children.split(' ').filter(Boolean)) process.kill(Number(child), signal);
    }
  }

  async request(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${this.username}:${this.password}`).toString('base64')}`,
        'content-type': typeof body === 'string' ? 'application/x-ndjson' : 'application/json',
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  /**
   * Elasticsearch keeps users in an index of its own, which comes into being when the first thing is written to it, and
   * answers 503 until it is there: so something is written.
   */
  async #ready(): Promise<boolean> {
    const role = '/_security/role/botaudit_stack_ready';
    if (!(await this.request('PUT', role, { cluster: [] })).ok) return false;
    return (await this.request('DELETE', role)).ok;
  }

  #programIn(home: string): ElasticsearchProgram {
    const { folder, heapMb = DEFAULT_HEAP_MB } = this.#options;
    return new ElasticsearchProgram({ home, folder, heapMb, java: join(this.#java.home, 'bin/java') });
  }

  async #prepare(): Promise<void> {
    const { installed, folder, settings, tls } = this.#options;
    const config = join(folder, 'config');
    for (const name of ['config', 'data', 'logs', 'tmp', 'snapshots']) await mkdir(join(folder, name), { mode: 0o700 });
    await mkdir(join(config, 'jvm.options.d'));
    for (const name of ['log4j2.properties', 'role_mapping.yml', 'roles.yml', 'users', 'users_roles']) {
      await copyFile(join(installed.path, 'config', name), join(config, name));
    }
    const options = await readFile(join(installed.path, 'config/jvm.options'), 'utf8');
    // Logs of the collector of garbage and dumps of the heap would be written into the cache.
    const kept = options.split('\n').filter((line) => !/Xlog:gc|HeapDump|ErrorFile/.test(line));
    await writeFile(join(config, 'jvm.options'), kept.join('\n'));
    const lines = Object.entries({ ...this.#settings(), ...settings }).map(([key, value]) => `${key}: ${value}\n`);
    await writeFile(join(config, 'elasticsearch.yml'), lines.join(''));
    if (tls) {
      await copyFile(tls.certificate, join(config, 'http.pem'));
      await copyFile(tls.key, join(config, 'http-key.pem'));
    }
    await this.#setPassword();
    await this.#bringWithinReach();
  }

  /** Root's home, and so its cache, is closed to the user that the server will be: it gets a copy of the program. */
  async #bringWithinReach(): Promise<void> {
    const { installed, folder } = this.#options;
    if (!(await isWithinReach(installed.path))) {
      this.#program = this.#programIn(join(folder, 'home'));
      await cp(installed.path, this.#program.home, { recursive: true });
    }
    await handOver(folder);
    for (const path of [folder, join(this.#java.home, 'bin/java')]) {
      if (await isWithinReach(path)) continue;
      throw new StackError(`Elasticsearch does not run as root, and another user does not get to ${path}`);
    }
  }

  #settings(): Record<string, string> {
    const { folder, tls } = this.#options;
    return {
      'cluster.name': 'botaudit-stack',
      'node.name': 'node',
      'network.host': '127.0.0.1',
      'http.port': String(this.#ports[0]),
      'transport.port': String(this.#ports[1]),
      'discovery.type': 'single-node',
      'path.data': join(folder, 'data'),
      'path.logs': join(folder, 'logs'),
      'path.repo': `["${join(folder, 'snapshots')}"]`,
      // The disk of the machine is not the test's.
      'cluster.routing.allocation.disk.threshold_enabled': 'false',
      'xpack.security.enabled': 'true',
      'xpack.security.http.ssl.enabled': String(tls !== undefined),
      ...(tls && {
        'xpack.security.http.ssl.certificate': 'http.pem',
        'xpack.security.http.ssl.key': 'http-key.pem',
      }),
      'xpack.security.autoconfiguration.enabled': 'false',
    };
  }

  /** The password goes through a file: an argument would be seen by everybody. */
  async #setPassword(): Promise<void> {
    const { folder } = this.#options;
    const file = join(folder, 'tmp/password');
    await writeFile(file, this.password, { mode: 0o600 });
    await this.#program.keystore('create');
    await this.#program.keystore('add-file', 'bootstrap.password', file);
  }
}
