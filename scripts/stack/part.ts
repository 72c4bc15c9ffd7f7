import type { Progress } from './progress.ts';

/** A program that a part of the stack runs. */
export interface Installed {
  /** Absolute path of the executable, or of the folder that holds the program. */
  readonly path: string;
  /** How it was found: named by the part's environment variable, on the PATH, built into the cache, or of this repository. */
  readonly source: 'environment' | 'path' | 'cache' | 'repository';
}

/** What an install may use. */
export interface InstallContext {
  readonly env: NodeJS.ProcessEnv;
  /** Folder for this part alone; exists. What is in it outlives the checkout. */
  readonly cache: string;
  readonly progress: Progress;
}

/** What a start may use. */
export interface StartContext {
  readonly installed: Installed;
  /** Folder for this run of this part alone; exists, and is removed after the part has stopped. */
  readonly folder: string;
  /** The parts that run already, by name. */
  readonly others: ReadonlyMap<string, RunningPart>;
}

/** Elasticsearch, as its superuser sees it. */
export interface Superuser {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Sends a request. `body` is sent as JSON, or as it is when it is a string (NDJSON). */
  request(method: string, path: string, body?: unknown): Promise<Response>;
}

/** A part that runs. */
export interface RunningPart {
  /** Where other parts reach it, as `host:port`, by what they want there. */
  readonly addresses?: {
    /** Metrics for Prometheus, at `/metrics`. */
    readonly metrics?: string;
    /** Takes alerts from Prometheus. */
    readonly alerts?: string;
  };
  /** Takes records that a collector sends on, over OTLP/HTTP, for this bearer token. */
  readonly nextHop?: { readonly url: string; readonly token: string };
  /** Stores documents. */
  readonly elasticsearch?: Superuser;
  /** Variables that a bot is started with to use this part. */
  readonly botEnv: Readonly<Record<string, string>>;
  /** Variables that commands at a terminal use to reach it. Default: none. */
  readonly shellEnv?: Readonly<Record<string, string>>;
  /** What a person wants to know of it: label and address, path, or credential. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** Settles when the part has ended, on request or by itself; the value says how. */
  readonly ended: Promise<string>;
  /** Ends it cleanly, by force when it does not end in time. Never rejects. */
  stop(): Promise<void>;
}

/** One component of the stack: how it is had, and how it is run. */
export interface Part {
  /** Short name: of its cache folder, and on the command line. */
  readonly name: string;
  /** What it is, in a few words. */
  readonly title: string;
  /** What an install takes on an empty machine: time, disk, tools. */
  readonly cost: string;
  /** What it takes while it runs. */
  readonly memory: string;
  /** The environment variable that names a program to use in place of the one that would be installed, and what it names. */
  readonly instead?: readonly [variable: string, names: string];
  /**
   * Finds the program where it is there already.
   *
   * @throws {StackError} when a program was named and can't be used.
   */
  locate(context: InstallContext): Promise<Installed | undefined>;
  /**
   * Brings it into the cache. Started again after an interruption, it goes on where it was.
   *
   * @throws {StackError} when it can't be had here; the message says what to do.
   */
  install(context: InstallContext): Promise<Installed>;
  /**
   * Starts it on loopback, on ports that are free, and waits until it is ready.
   *
   * @throws {StackError} when it does not become ready; the message holds the end of its log.
   */
  start(context: StartContext): Promise<RunningPart>;
}

/** A problem that is the machine's or the user's to solve: shown without a stack trace. */
export class StackError extends Error {
  override readonly name: string = 'StackError';
}

/** It was asked for that there be nothing of it. */
export class Interrupted extends StackError {
  override readonly name = 'Interrupted';

  constructor() {
    super('Interrupted.');
  }
}
