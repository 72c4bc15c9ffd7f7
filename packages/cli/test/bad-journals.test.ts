import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { constants, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isRoot, rootOnly } from '../../journal/test/child.js';
import { botaudit, type Ended } from './support/botaudit.js';
import { OtlpSink } from './support/otlp-sink.js';
import { TestJournal, type TestStream } from './support/test-journal.js';

/*
 * Every command, and a bot that starts, on journals that nobody should have: each has a finding or a clear error, in little
 * memory, and what is whole in the same journal is read, shipped and archived. What each layer makes of such things in
 * detail is tested there.
 */
let journal: TestJournal;
let sink: OtlpSink;
beforeEach(async () => {
  journal = new TestJournal();
  sink = await OtlpSink.listen();
});
afterEach(() => {
  sink.close();
  journal.remove();
});

const ID = '3f2b8c1e-5a4d-4c3b-9a2f-000000000001';
const GB = 1024 ** 3;
/** What a stack trace or an error that nobody caught looks like. */
const TRACE = /^\s+at |node:internal|internal error|Unhandled|Uncaught|FATAL ERROR/m;
/** The same each time: how much is said of it goes by the line breaks that are in it. */
const GARBAGE = createHash('shake256', { outputLength: 300_000 }).update('garbage').digest();
const MAX_MEMORY_KIB = 300 * 1024;
/** For a loaded machine of two cores; each command takes less than a second on an idle one, two where it reads a gigabyte. */
const TIMEOUT = { timeout: 240_000 };

const MEMORY_PRELOAD = pathToFileURL(join(import.meta.dirname, 'fixtures/max-memory.mjs')).href;
const BOT = fileURLToPath(new URL('fixtures/starting.mjs', import.meta.url));

type Command = 'verify' | 'tail' | 'search' | 'show' | 'ship' | 'rejected' | 'archive' | 'restore' | 'doctor' | 'bot';
type Codes = Partial<Record<Command, number>>;

const first = ({ directory }: TestStream) => join(directory, '00000001.ndjson');

function sparse(path: string, bytes: number): void {
  const fd = openSync(path, 'w');
  ftruncateSync(fd, bytes);
  closeSync(fd);
}

/** Twelve gigabytes of zeros, in some hundred kilobytes. */
function bomb(path: string): void {
  const frame = zstdCompressSync(Buffer.alloc(16 << 20), { params: { [constants.ZSTD_c_contentSizeFlag]: 1 } });
  writeFileSync(path, Buffer.concat(Array.from({ length: 800 }, () => frame)));
}

/** What is done to one of two streams, and how commands end that do not end with 0. */
const DAMAGES: readonly [what: string, spoil: (stream: TestStream, other: TestStream) => void, codes: Codes][] = [
  ['binary garbage for records', (stream) => writeFileSync(first(stream), GARBAGE), { verify: 1, restore: 1 }],
  ['an empty segment', (stream) => writeFileSync(first(stream), ''), {}],
  ['a line of a gigabyte', (stream) => sparse(first(stream), GB), { verify: 1, archive: 2 }],
  [
    'a compressed segment that is a bomb',
    (stream) => {
      rmSync(first(stream));
      bomb(`${first(stream)}.zst`);
    },
    { verify: 2, restore: 2 },
  ],
  [
    'a format version to come',
    ({ directory }) => {
      const path = join(directory, 'stream.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace('"formatVersion":1', '"formatVersion":99'));
    },
    { verify: 2, tail: 2, search: 2, show: 2, archive: 2, ship: 2 },
  ],
  ['a description of a gigabyte', ({ directory }) => sparse(join(directory, 'stream.json'), GB), { archive: 2 }],
  [
    'folders that lead back to themselves',
    ({ directory }, other) => {
      symlinkSync('..', join(directory, 'streams'));
      symlinkSync('.', join(other.directory, '..', 'loop'));
      symlinkSync('itself', join(other.directory, '..', 'itself'));
      rmSync(first({ directory } as TestStream));
      symlinkSync('00000001.ndjson', first({ directory } as TestStream));
    },
    { verify: 2, tail: 2, archive: 2 },
  ],
  [
    'a stream that is a link to a stream',
    ({ directory }) => {
      renameSync(directory, join(journal.folder, 'elsewhere'));
      symlinkSync(join(journal.folder, 'elsewhere'), directory);
    },
    { verify: 2 },
  ],
  [
    'a cursor past the end, one of a gigabyte, and other notes that are garbage',
    ({ directory, lines }, other) => {
      const cursor = { segment: 7, offset: 2 ** 50, number: lines.length + 1000, hash: 'f'.repeat(64) };
      writeFileSync(join(directory, 'cursor.json'), JSON.stringify(cursor));
      sparse(join(other.directory, 'cursor.json'), GB);
      for (const name of ['checkpoint-cursor.json', 'recovered.json', 'archived.json', 'metrics.json']) {
        writeFileSync(join(directory, name), GARBAGE.subarray(0, 5_000));
        sparse(join(other.directory, name), GB);
      }
    },
    {},
  ],
  [
    'rejected records that are garbage',
    ({ directory }, other) => {
      writeFileSync(join(directory, 'rejected.ndjson'), GARBAGE);
      sparse(join(other.directory, 'rejected.ndjson'), GB);
    },
    { rejected: 2 },
  ],
  [
    'checkpoints that are garbage, and a line of a gigabyte',
    ({ directory }, other) => {
      writeFileSync(join(directory, 'checkpoints.ndjson'), GARBAGE);
      sparse(join(other.directory, 'checkpoints.ndjson'), GB);
    },
    { verify: 1, restore: 1, ship: 1 },
  ],
  [
    'pipes for locks and notes',
    ({ directory }) => {
      for (const name of ['lock', 'adopt.lock', 'cursor.json', 'rejected.ndjson', 'metrics.json']) {
        rmSync(join(directory, name), { force: true });
        execFileSync('mkfifo', [join(directory, name)]);
      }
    },
    { rejected: 2, ship: 2 },
  ],
];

/** Runs a command, and checks what holds for all of them. */
async function run(command: Command, options: { uid?: number; gid?: number } = {}): Promise<Ended> {
  const file = join(journal.folder, 'memory', command);
  mkdirSync(join(journal.folder, 'memory'), { recursive: true });
  chmodSync(join(journal.folder, 'memory'), 0o777);
  const dir = ['--dir', journal.directory];
  const to = ['--to', join(journal.folder, 'archive')];
  const endpoint = ['--endpoint', sink.url];
  const args: Record<Exclude<Command, 'bot'>, string[]> = {
    verify: ['verify', ...dir],
    tail: ['tail', '-n', '100', ...dir],
    search: ['search', ...dir],
    show: ['show', ID, ...dir],
    ship: ['ship', '--once', ...dir, ...endpoint],
    rejected: ['ship', '--rejected', ...dir, ...endpoint],
    archive: ['archive', ...dir, ...to],
    restore: ['archive', ...to, '--restore-check'],
    doctor: ['doctor', ...dir, ...endpoint],
  };
  const env = {
    NODE_OPTIONS: `--import=${MEMORY_PRELOAD}`,
    MAX_MEMORY_FILE: file,
    BOTAUDIT_DIR: journal.directory,
    BOTAUDIT_METRICS: 'off',
    OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: sink.url,
    OTEL_EXPORTER_OTLP_AUDIT_PROTOCOL: 'http/json',
  };
  const ended =
    command === 'bot'
      ? await botaudit([], { env, cwd: journal.folder, main: BOT, ...options })
      : await botaudit(args[command], { env, cwd: journal.folder, ...options });
  const { signal, stdout, stderr } = ended;
  const output = `${command}: ${stdout.slice(0, 2_000)}\n${stderr.slice(0, 2_000)}`;
  expect(signal, output).toBe(null);
  expect(stdout + stderr, output).not.toMatch(TRACE);
  expect(stdout + stderr, output).not.toBe('');
  expect(stdout.length + stderr.length, command).toBeLessThan(200_000);
  expect(Number(readFileSync(file, 'utf8')), output).toBeLessThan(MAX_MEMORY_KIB);
  return ended;
}

const COMMANDS: readonly Command[] = [
  'verify',
  'tail',
  'search',
  'show',
  'archive',
  'restore',
  'rejected',
  'ship',
  'doctor',
  'bot',
];

/** Runs all commands; the codes of those that did not end with 0. */
async function runAll(options?: {
  uid: number;
  gid: number;
}): Promise<{ codes: Codes; outputs: Map<Command, string> }> {
  const codes: Codes = {};
  const outputs = new Map<Command, string>();
  for (const command of COMMANDS) {
    const { code, stdout, stderr } = await run(command, options);
    if (code !== 0) codes[command] = code ?? -1;
    outputs.set(command, stdout + stderr);
  }
  return { codes, outputs };
}

/** Everything that stands in the segments of a journal. */
function written(): string {
  const streams = join(journal.directory, 'streams');
  const paths = readdirSync(streams, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(join(streams, name)).map((file) => join(streams, name, file)))
    .filter((path) => path.endsWith('.ndjson') && lstatSync(path).isFile() && lstatSync(path).size < 1 << 20);
  return paths.map((path) => readFileSync(path, 'latin1')).join('');
}

test.each(DAMAGES)('%s', TIMEOUT, async (_, spoil, expected) => {
  const broken = journal.closed({}, {});
  const whole = journal.closed({ attributes: { 'audit.record.id': ID } });
  spoil(broken, whole);
  const { codes, outputs } = await runAll();
  expect(codes).toEqual(expected);
  for (const command of ['tail', 'search', 'show'] as const) expect(outputs.get(command)).toContain(ID.slice(0, 8));
  expect(sink.text).toContain(ID);
  expect(written()).toContain('account:of-the-start');
});

test.each([
  ['1970', 0],
  ['2100', Date.UTC(2100, 0)],
])('clocks that say %s', TIMEOUT, async (_, time) => {
  const stream = journal.open();
  stream.write({ at: time, attributes: { 'audit.record.id': ID } });
  stream.write({ at: time + 1 });
  stream.close();
  journal.closed({}, {});
  for (const name of readdirSync(stream.directory)) {
    utimesSync(join(stream.directory, name), time / 1000, time / 1000);
  }
  const { codes, outputs } = await runAll();
  expect(codes).toEqual({});
  expect(outputs.get('show')).toContain(new Date(time).toISOString().slice(0, 10));
  expect(sink.text).toContain(ID);
  expect(written()).toContain('account:of-the-start');
});

// Nobody else can start a process as somebody who does not own the files.
describe.skipIf(!isRoot)(`another owner${rootOnly}`, () => {
  const NOBODY = { uid: 65_534, gid: 65_534 };
  const open = () => {
    chmodSync(journal.folder, 0o777);
    chmodSync(journal.directory, 0o755);
    chmodSync(join(journal.directory, 'streams'), 0o755);
  };

  test('of the whole journal: each command says whose it is', TIMEOUT, async () => {
    journal.closed({}, {});
    chmodSync(journal.folder, 0o777);
    const { codes, outputs } = await runAll(NOBODY);
    expect(codes).toMatchObject({ verify: 2, tail: 2, search: 2, show: 2, archive: 2, rejected: 2, ship: 2 });
    for (const command of ['verify', 'tail', 'search', 'show', 'archive', 'rejected', 'ship'] as const) {
      expect(outputs.get(command)).toMatch(/may not be read by uid 65534, it belongs to uid 0/);
    }
    // A bot goes elsewhere, and says so.
    expect(outputs.get('bot')).toContain(journal.directory);
    expect(codes.bot).toBeUndefined();
  });

  test('of one stream: the others are read, and it is told', TIMEOUT, async () => {
    journal.closed({}, {});
    const { directory } = journal.closed({ attributes: { 'audit.record.id': ID } });
    open();
    execFileSync('chown', ['-R', '65534:65534', directory]);
    const { codes, outputs } = await runAll(NOBODY);
    expect(codes).toMatchObject({ verify: 2, tail: 2, search: 2, show: 2, archive: 2, rejected: 2, ship: 2 });
    for (const command of ['tail', 'search', 'show'] as const) expect(outputs.get(command)).toContain(ID.slice(0, 8));
    for (const command of ['verify', 'search', 'archive', 'ship'] as const) {
      expect(outputs.get(command), command).toContain('EACCES');
    }
    expect(sink.text).toContain(ID);
    expect(codes.bot).toBeUndefined();
  });
});
