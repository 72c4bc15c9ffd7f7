import { generateKeyPairSync } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Backend, startBackend } from '@botaudit/sdk';

/** A key to sign checkpoints with, in files. */
export interface KeyFiles {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Makes a key. */
export function makeKey(folder: string, name: string): KeyFiles {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const files = { privateKey: join(folder, `${name}.key`), publicKey: join(folder, `${name}.pub`) };
  writeFileSync(files.privateKey, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  writeFileSync(files.publicKey, publicKey.export({ format: 'pem', type: 'spki' }));
  return files;
}

/** How a process of a {@link SignedJournal} runs. */
interface RunOptions {
  readonly everyRecords?: number;
  readonly key?: KeyFiles;
  readonly env?: NodeJS.ProcessEnv;
  readonly holds?: () => boolean;
}

/** A journal that processes write one after the other, with checkpoints every so many records; the key is kept elsewhere. */
export class SignedJournal {
  readonly folder = mkdtempSync(join(tmpdir(), 'botaudit-signed-'));
  readonly directory = join(this.folder, 'journal');
  readonly key = makeKey(this.folder, 'signing');

  /** A process that writes so many records and ends, not before `holds` does. Returns its stream. */
  async run(
    records: number,
    { everyRecords = 10, key = this.key, env = {}, holds = () => true }: RunOptions = {},
  ): Promise<SignedStream> {
    const before = this.#streamIds();
    const backend = this.#start(everyRecords, key, env);
    await write(backend, records);
    await until(holds);
    // What died before is adopted, and that is on record, before this one ends.
    await until(() => before.every((id) => this.#isSettled(id)));
    await backend.shutdown();
    return this.#newStream(before);
  }

  /** A process that writes so many records and is killed: a copy of its files is what it leaves. */
  async runAndDie(records: number, { everyRecords = 10 } = {}): Promise<SignedStream> {
    const before = this.#streamIds();
    const backend = this.#start(everyRecords, this.key);
    await write(backend, records);
    const left = join(this.folder, 'left');
    cpSync(this.directory, left, { recursive: true });
    await backend.shutdown();
    rmSync(this.directory, { recursive: true });
    renameSync(left, this.directory);
    return this.#newStream(before);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #start(everyRecords: number, key: KeyFiles, env: NodeJS.ProcessEnv = {}): Backend {
    return startBackend({
      env: {
        BOTAUDIT_DIR: this.directory,
        BOTAUDIT_METRICS: 'off',
        BOTAUDIT_SIGNING_KEY_FILE: key.privateKey,
        BOTAUDIT_CHECKPOINT_RECORDS: String(everyRecords),
        ...env,
      },
      cwd: this.folder,
      say: () => {},
    });
  }

  #streamIds(): string[] {
    const streams = join(this.directory, 'streams');
    return existsSync(streams) ? readdirSync(streams) : [];
  }

  #newStream(before: readonly string[]): SignedStream {
    const id = this.#streamIds().find((each) => !before.includes(each)) as string;
    return new SignedStream(id, join(this.directory, 'streams', id));
  }

  #isSettled(id: string): boolean {
    const stream = new SignedStream(id, join(this.directory, 'streams', id));
    return (
      !existsSync(stream.directory) ||
      stream.records.at(-1)?.includes('audit.sequence.end') ||
      existsSync(join(stream.directory, 'recovered.json'))
    );
  }
}

/** A stream of a {@link SignedJournal}. */
export class SignedStream {
  readonly id: string;
  readonly directory: string;

  constructor(id: string, directory: string) {
    this.id = id;
    this.directory = directory;
  }

  get segment(): string {
    return join(this.directory, '00000001.ndjson');
  }

  get checkpointFile(): string {
    return join(this.directory, 'checkpoints.ndjson');
  }

  get records(): string[] {
    return linesOf(this.segment);
  }

  set records(lines: readonly string[]) {
    writeFileSync(this.segment, lines.map((line) => `${line}\n`).join(''));
  }

  get checkpoints(): string[] {
    return linesOf(this.checkpointFile);
  }

  set checkpoints(lines: readonly string[]) {
    writeFileSync(this.checkpointFile, lines.map((line) => `${line}\n`).join(''));
  }
}

function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

async function write(backend: Backend, records: number): Promise<void> {
  for (let index = 0; index < records; index++) {
    backend.write({
      name: 'payment.transfer',
      action: 'TRANSFER',
      outcome: 'success',
      actor: { id: 'telegram:42', type: 'user' },
      target: { id: `account:${index}`, type: 'account' },
    });
    // Checkpoints come between, not within.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it did not come to pass in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
