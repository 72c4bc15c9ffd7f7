import { randomBytes } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { findOnPath, isExecutable, run } from '../command.ts';
import { type InstallContext, type Installed, type Part, type RunningPart, StackError } from '../part.ts';
import { freePorts } from '../ports.ts';
import { Service } from '../service.ts';
import { type GoNeeds, installWithGo } from './go.ts';

/** Names the program to use in place of the one that would be built. */
const VARIABLE = 'BOTAUDIT_VERSITYGW';

const PROGRAM = 'versitygw';
const VERSION = '1.8.0';
/** Counted up when what is built changes. */
const RECIPE = 1;

const NEEDS: GoNeeds = {
  title: 'The S3 server (versitygw)',
  oldest: '1.25.0',
  bytes: 1_000_000_000,
  otherwise: `Or name a versitygw that you have: ${VARIABLE}=/path/to/versitygw`,
};

const READY_TIMEOUT_MS = 30_000;

/** Where it says that it serves; no bucket can have this name. */
const HEALTH = '/_ready';

/** S3 with Object Lock, over a folder. */
export const s3: Part = {
  name: 's3',
  title: 'S3 with Object Lock (versitygw)',
  cost: `about a minute and a half on 2 cores, 1 GB in Go's caches and 60 MB here; needs Go ${NEEDS.oldest} or newer`,
  memory: '30 MB',
  instead: [VARIABLE, 'a versitygw'],

  async locate({ env, cache }) {
    const named = env[VARIABLE];
    if (named) {
      if (await isExecutable(named)) return { path: named, source: 'environment' };
      throw new StackError(`${VARIABLE} names ${named}, which is no executable file`);
    }
    const onPath = await findOnPath(PROGRAM, env);
    if (onPath) return { path: onPath, source: 'path' };
    const path = join(cachedFolder(cache), PROGRAM);
    return (await isExecutable(path)) ? { path, source: 'cache' } : undefined;
  },

  async install(context) {
    return { path: join(await build(context), PROGRAM), source: 'cache' };
  },

  async start({ installed, folder }): Promise<RunningPart> {
    const running = await S3.start({ installed, folder });
    return {
      botEnv: {},
      facts: [
        ['address', running.url],
        ['region', running.region],
        ['access key', running.accessKeyId],
        ['secret key', running.secretAccessKey],
        ['log', running.log],
      ],
      ended: running.ended,
      stop: () => running.stop(),
    };
  },
};

/** How an S3 server is run. */
export interface S3Options {
  readonly installed: Installed;
  /** Folder for its buckets and its log, on a file system with extended attributes; exists. An absolute path. */
  readonly folder: string;
}

/** An S3 server on loopback, of one user with random keys, who may do all that Object Lock leaves to anybody. */
export class S3 {
  readonly region = 'us-east-1';
  readonly accessKeyId = `stack${randomBytes(8).toString('hex')}`;
  readonly secretAccessKey = randomBytes(24).toString('hex');
  readonly #folder: string;
  readonly #port: number;
  #service: Service | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  /**
   * Starts one on a free port and waits until it is ready.
   *
   * @throws {StackError} when it does not get there.
   */
  static async start({ installed, folder }: S3Options): Promise<S3> {
    const [port = 0] = await freePorts(1);
    const server = new S3(folder, port);
    const [data, versions, users] = [join(folder, 'data'), join(folder, 'versions'), join(folder, 'users')];
    for (const path of [data, versions, users]) await mkdir(path, { mode: 0o700 });
    server.#service = await Service.start({
      command: installed.path,
      args: [
        `--port=127.0.0.1:${port}`,
        `--region=${server.region}`,
        `--health=${HEALTH}`,
        `--iam-dir=${users}`,
        'posix',
        `--versioning-dir=${versions}`,
        // Metadata goes into extended attributes. With --sidecar, what is put after a deletion stays deleted.
        data,
      ],
      cwd: folder,
      // Arguments would be seen by everybody.
      env: { ROOT_ACCESS_KEY_ID: server.accessKeyId, ROOT_SECRET_ACCESS_KEY: server.secretAccessKey },
      log: server.log,
      ready: async () => (await fetch(`${server.url}${HEALTH}`)).ok,
      readyTimeoutMs: READY_TIMEOUT_MS,
    });
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get log(): string {
    return join(this.#folder, 's3.log');
  }

  /** Settles when it has ended, with how. */
  get ended(): Promise<string> {
    return this.#service?.ended ?? Promise.resolve('not running');
  }

  /** Ends it cleanly. */
  async stop(): Promise<void> {
    await this.#service?.stop();
  }
}

function cachedFolder(cache: string): string {
  return join(cache, `versitygw-${VERSION}-${RECIPE}`);
}

async function build(context: InstallContext): Promise<string> {
  const programs = {
    packages: [`github.com/versity/versitygw/cmd/${PROGRAM}@v${VERSION}`],
    variables: { 'main.Version': VERSION },
  };
  const path = cachedFolder(context.cache);
  await installWithGo(context, NEEDS, programs, async (folder) => {
    await run(join(folder, PROGRAM), ['--version']);
    await rename(folder, path);
  });
  return path;
}
