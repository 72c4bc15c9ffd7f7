import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { botaudit, linesOf, MAIN } from './support/botaudit.js';
import { TestJournal, type TestStream } from './support/test-journal.js';

let journal: TestJournal;
beforeEach(() => {
  journal = new TestJournal();
});
afterEach(() => journal.remove());

const ID = '3f2b8c1e-5a4d-4c3b-9a2f-000000000001';
const segment = ({ directory }: TestStream, number = 1) => join(directory, `0000000${number}.ndjson`);

/** Every command that reads a journal, for people. */
const READERS = [['tail'], ['search'], ['show', ID], ['verify']];

const run = (args: readonly string[], options: Parameters<typeof botaudit>[1] = {}) =>
  botaudit([args[0]!, '--dir', journal.directory, ...args.slice(1)], options);

/** What a stack trace or an unhandled error looks like. */
const TRACE = /^\s+at |node:internal|internal error|Unhandled/m;

describe('hostile text', () => {
  /** Everything that must not reach a terminal, newlines apart: they end the lines. */
  const HARMFUL = /[^\P{C}\n]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
  const NASTY = [
    '\u001b[2J\u001b[1;1Hgone',
    '\u001b]0;title\u0007',
    '\u001b]8;;https://evil.example\u001b\\link\u001b]8;;\u001b\\',
    '\u009b31mred',
    'one\ntwo\r\nthree\u2028four\u2029five\u0085',
    '\u202egnp.exe\u202c',
    '\u2066isolate\u2069\u200f\u061c',
    'zero\u200bwidth\u200d\ufeff\u00ad\u2060',
    'tags\u{e0041}\u{e007f}',
    'bell\u0007back\u0008\u0008tab\tnul\u0000del\u007f',
    `zalgo${'\u0301'.repeat(40)}`,
  ];

  function write(values: readonly string[]): void {
    const stream = journal.open();
    for (const value of values) {
      stream.write({
        event: `bot.${value}`,
        attributes: {
          'audit.record.id': ID,
          'audit.action': value,
          'audit.actor.id': value,
          'audit.target.id': value,
          'audit.outcome': 'failure',
          'audit.reason': value,
          'bot.id': value,
          'bot.chat.id': value,
          'bot.command.name': value,
          'bot.trigger.record_id': value,
          'error.message': value,
          [`x.${value}`]: { [value]: [value] },
        },
        body: { [value]: value },
      });
    }
  }

  test('nothing harmful is printed by any command, to people or about an error', async () => {
    write(NASTY);
    for (const args of [
      ...READERS,
      ['search', '--actor', NASTY[0]!],
      ['show', NASTY[4]!],
      ['search', '--since', NASTY[0]!],
    ]) {
      const { stdout, stderr } = await run(args);
      expect(stdout + stderr, args.join(' ')).not.toMatch(HARMFUL);
      expect(stderr).not.toMatch(TRACE);
    }
  });

  test('whatever the text is, each record stays one line', async () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...NASTY));
    const values = fc.sample(
      value.filter((text) => text !== ''),
      300,
    );
    write(values);
    const { stdout } = await run(['search', '--event', 'bot.*']);
    expect(stdout).not.toMatch(HARMFUL);
    expect(linesOf(stdout)).toHaveLength(values.length);
  });

  test('colours are the only escapes, where they are asked for', async () => {
    write(NASTY);
    for (const args of READERS) {
      const { stdout } = await run(args, { env: { FORCE_COLOR: '1' } });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
      expect(stdout.replace(/\u001b\[\d+m/g, '')).not.toMatch(HARMFUL);
    }
    expect((await run(['tail'], { env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001b[');
  });
});

describe('what is no journal', () => {
  const env = { TMPDIR: '/nowhere' };

  test('without --dir every folder that was looked at is named', async () => {
    const cwd = join(journal.folder, 'work');
    mkdirSync(cwd);
    for (const args of [['tail'], ['verify']]) {
      const { code, stdout, stderr } = await botaudit(args, { cwd, env: { ...env, BOTAUDIT_DIR: './here' } });
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(linesOf(stderr)).toHaveLength(1);
      expect(stderr).toContain(
        `${cwd}/here (BOTAUDIT_DIR) does not exist, ${cwd}/.botaudit (working folder) does not exist`,
      );
      expect(stderr).toMatch(/\/var\/lib\/botaudit \(system\) .*--dir.*botaudit run/);
    }
  });

  test('an empty folder, an empty journal, a file', async () => {
    const replaceByFile = () => {
      rmSync(journal.directory, { recursive: true });
      writeFileSync(journal.directory, '');
    };
    mkdirSync(journal.directory);
    for (const [make, problem] of [
      [() => {}, 'is no journal'],
      [() => mkdirSync(join(journal.directory, 'streams')), 'holds no stream'],
      [replaceByFile, 'is no folder'],
    ] as const) {
      make();
      for (const args of [['tail'], ['verify']]) {
        const { code, stderr } = await run(args);
        expect(code).toBe(2);
        expect(stderr).toContain(`${journal.directory} (--dir) ${problem}.`);
        expect(linesOf(stderr)).toHaveLength(1);
      }
    }
  });

  test('a journal that another user owns', async () => {
    const stream = journal.closed();
    const isRoot = process.getuid?.() === 0;
    const as = isRoot ? { uid: 65534, gid: 65534 } : {};
    chmodSync(journal.folder, 0o755);
    for (const folder of [journal.directory, stream.directory]) {
      chmodSync(folder, isRoot ? 0o700 : 0);
      for (const args of [['tail'], ['verify'], ['verify', folder]]) {
        const { code, stdout, stderr } = await run(args, as);
        expect(code, args.join(' ')).toBe(2);
        expect(stdout + stderr).toMatch(/may not be read by uid \d+, it belongs to uid \d+|cannot be read \(EACCES\)/);
        expect(stderr).not.toMatch(TRACE);
      }
      chmodSync(folder, 0o755);
      chmodSync(join(journal.directory, 'streams'), 0o755);
    }
  });

  test('the configuration names the folder, and a wrong one is told by file, line and key', async () => {
    journal.closed();
    const config = join(journal.folder, 'botaudit.yaml');
    writeFileSync(config, 'journal:\n  directory: ./journal\n');
    expect((await botaudit(['tail'], { cwd: journal.folder })).code).toBe(0);
    expect((await botaudit(['tail', '--config', config], { cwd: '/' })).code).toBe(0);
    expect((await botaudit(['--config', config, 'tail'], { cwd: '/' })).code).toBe(0);
    writeFileSync(config, 'journal:\n  directroy: ./journal\n');
    const { code, stderr } = await botaudit(['tail'], { cwd: journal.folder });
    expect(code).toBe(2);
    expect(stderr).toContain(`${config}:2`);
    expect(stderr).toContain('directroy');
    expect(linesOf(stderr)).toHaveLength(1);
  });

  test('a folder that is configured but empty is said, and the one that the bot fell back to is read', async () => {
    const cwd = journal.folder;
    const stream = journal.closed();
    symlinkSync(journal.directory, join(cwd, '.botaudit'));
    expect((await botaudit(['tail'], { cwd, env })).stderr).toBe('');
    const { code, stdout, stderr } = await botaudit(['tail', '--json'], {
      cwd,
      env: { ...env, BOTAUDIT_DIR: '/proc/none' },
    });
    expect(code).toBe(0);
    expect(linesOf(stdout)).toEqual(stream.lines);
    expect(stderr).toMatch(
      /^botaudit: \/proc\/none \(BOTAUDIT_DIR\) does not exist; reading .*\.botaudit \(working folder\) instead\n$/,
    );
  });
});

describe('a journal that is damaged', () => {
  /** Breaks one stream of two; the records of the other one are there to be found. */
  async function damaged(damage: (stream: TestStream) => void) {
    const broken = journal.closed({}, {});
    const whole = journal.closed({ attributes: { 'audit.record.id': ID } });
    damage(broken);
    const results = [];
    for (const args of [['tail', '-n', '100'], ['search'], ['show', ID], ['verify']]) {
      const result = await run(args);
      expect(result.stderr, args.join(' ')).not.toMatch(TRACE);
      expect(result.signal).toBe(null);
      if (args[0] !== 'verify') expect(result.stdout).toContain(ID.slice(0, 8));
      results.push(result);
    }
    const json = await run(['search', '--json']);
    for (const line of linesOf(json.stdout)) expect([...broken.lines, ...whole.lines]).toContain(line);
    return { broken, whole, results: results as [Ended, Ended, Ended, Ended] };
  }
  type Ended = Awaited<ReturnType<typeof run>>;

  test('binary garbage in place of a segment', async () => {
    const { results } = await damaged((stream) => writeFileSync(segment(stream), randomBytes(300_000)));
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 1]);
    expect(results[1].stderr).toMatch(/lines are no records; botaudit verify says more/);
  });

  test('lines between the records that look like records and are none', async () => {
    const { results } = await damaged((stream) => {
      const fake = '{"Attributes":{"audit.sequence.number":{"intValue":2}}}';
      writeFileSync(segment(stream), `${stream.lines.join(`\n${fake}\nnull\n[]\n{}\n""\n`)}\n`);
    });
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 1]);
  });

  test('a line of a gigabyte, in little memory', { timeout: 120_000 }, async () => {
    const stream = journal.closed({}, {});
    journal.closed({ attributes: { 'audit.record.id': ID } });
    truncateSync(segment(stream), 2 ** 30);
    const file = join(journal.folder, 'memory');
    const preload = pathToFileURL(join(import.meta.dirname, 'fixtures/max-memory.mjs'));
    for (const args of READERS) {
      const env = { NODE_OPTIONS: `--import=${preload}`, MAX_MEMORY_FILE: file };
      const { code, stdout, stderr } = await run(args, { env });
      expect(code, stderr).toBe(args[0] === 'verify' ? 1 : 0);
      expect(stdout.length).toBeLessThan(10_000);
      expect(Number(readFileSync(file, 'utf8')), args.join(' ')).toBeLessThan(200 * 1024);
    }
    const piped = execFileSync('bash', ['-c', 'head -c 1G /dev/zero | (node "$0" verify - || test $? = 1)', MAIN], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env.PATH}` },
    });
    expect(piped).toContain('longer than 256 KiB');
  });

  test('a stream of a newer format version: the rest is read, exit 2', async () => {
    const { broken, results } = await damaged((stream) => {
      const path = join(stream.directory, 'stream.json');
      const info = JSON.parse(readFileSync(path, 'utf8'));
      writeFileSync(path, JSON.stringify({ ...info, formatVersion: 99 }));
    });
    expect(results.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
    for (const { stderr } of results.slice(0, 3)) {
      expect(stderr).toContain(`${broken.directory}/stream.json: has format version 99`);
      expect(linesOf(stderr)).toHaveLength(1);
    }
  });

  test('a description that is garbage, or gone: the records are read all the same', async () => {
    for (const spoil of [
      (path: string) => writeFileSync(path, '{"formatVersion":'),
      (path: string) => unlinkSync(path),
    ]) {
      const { results } = await damaged((stream) => spoil(join(stream.directory, 'stream.json')));
      expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
      for (const { stderr } of results) expect(stderr).toMatch(/stream\.json: is (?:missing|not the description)/);
      journal.remove();
      journal = new TestJournal();
    }
  });

  test.each<[string, (path: string) => void]>([
    ['a folder', (path) => mkdirSync(path)],
    ['a pipe that nobody writes to', (path) => execFileSync('mkfifo', [path])],
    ['a link to a device without end', (path) => symlinkSync('/dev/zero', path)],
  ])('%s in place of a segment', async (_what, make) => {
    const { results } = await damaged((stream) => {
      unlinkSync(segment(stream));
      make(segment(stream));
    });
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 2]);
    expect(results[3].stdout).toMatch(/ unchecked: .*not a regular file/);
  });
});
