import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { botaudit, linesOf, Running } from './support/botaudit.js';
import { OtlpSink } from './support/otlp-sink.js';
import { TestJournal } from './support/test-journal.js';

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

describe('ship', () => {
  test('--once ships what is there and ends; a second time there is nothing left', async () => {
    const stream = journal.open();
    const ids = [stream.write(), stream.write()];
    stream.close();
    const args = ['ship', '--once', '--json', '--dir', journal.directory, '--endpoint', sink.url];
    const first = await botaudit(args);
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout)).toEqual({ exported: 4, rejected: 0, remaining: 0, unreadable: 0 });
    for (const id of ids) expect(sink.text).toContain(id);
    expect(sink.received[0]!.path).toBe('/v1/audit');
    const requests = sink.received.length;
    const second = await botaudit(args);
    expect(JSON.parse(second.stdout)).toMatchObject({ exported: 0, remaining: 0 });
    expect(sink.received).toHaveLength(requests);
  });

  test('as a sidecar it waits for the journal, goes on with a live bot, and ends with 0 when told to stop', async () => {
    const running = new Running(['ship', '--dir', journal.directory, '--endpoint', sink.url]);
    await running.until(({ stderr }) => stderr.includes('waiting for a bot to write to'));
    await running.until(({ stderr }) =>
      stderr.includes(`shipping ${journal.directory} to ${sink.url}; Ctrl-C ends it`),
    );
    const stream = journal.open();
    const first = stream.write();
    await running.until(() => sink.text.includes(first));
    const second = stream.write();
    await running.until(() => sink.text.includes(second));
    running.child.kill('SIGTERM');
    const { code, signal, stdout } = await running.ended;
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(stdout).toBe('shipped 3, rejected 0, remaining 0\n');
  });

  test('takes endpoint and headers from the configuration and the environment', async () => {
    journal.closed();
    const config = join(journal.folder, 'botaudit.yaml');
    writeFileSync(config, `endpoint:\n  url: ${sink.url}\n  headers:\n    authorization: Bearer from-file\n`);
    const args = ['ship', '--once', '--dir', journal.directory, '--config', config];
    const { code, stdout, stderr } = await botaudit(args);
    expect(stderr + stdout).not.toContain('from-file');
    expect(code).toBe(0);
    expect(sink.received[0]!.headers.authorization).toBe('Bearer from-file');
  });

  test('--metrics serves what was shipped to Prometheus', async () => {
    journal.closed();
    const args = ['ship', '--dir', journal.directory, '--endpoint', sink.url, '--metrics', '127.0.0.1:0'];
    const running = new Running(args);
    await running.until(({ stderr }) => /metrics at \S+\n/.test(stderr) && sink.received.length > 0);
    const url = /metrics at (\S+)\n/.exec(running.stderr)![1]!;
    let text = '';
    const deadline = performance.now() + 10_000;
    while (!/^audit_records_exported_total(?:\{\})? 2$/m.test(text) && performance.now() < deadline) {
      text = await (await fetch(url)).text();
    }
    expect(text).toMatch(/^audit_records_exported_total(?:\{\})? 2$/m);
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(0);
  });

  test('--once ends with 1 when a record was refused for good', async () => {
    const stream = journal.open();
    sink.refused = stream.write();
    stream.write();
    stream.close();
    const args = ['ship', '--once', '--json', '--dir', journal.directory, '--endpoint', sink.url];
    const { code, stdout } = await botaudit(args);
    expect(JSON.parse(stdout)).toEqual({ exported: 3, rejected: 1, remaining: 0, unreadable: 0 });
    expect(code).toBe(1);
  });

  test('--once ends with 2 when a stream can’t be read, and ships the others', async () => {
    const description = join(journal.closed({}).directory, 'stream.json');
    writeFileSync(description, readFileSync(description, 'utf8').replace('"formatVersion":1', '"formatVersion":2'));
    const other = journal.open();
    const id = other.write();
    other.close();
    const args = ['ship', '--once', '--dir', journal.directory, '--endpoint', sink.url];
    const { code, stdout, stderr } = await botaudit(args);
    expect(stderr).toContain(`botaudit: ${description}: has format version 2`);
    expect(sink.text).toContain(id);
    expect(stdout).toBe('shipped 3, rejected 0, remaining 0; 1 stream could not be read, see above\n');
    expect(code).toBe(2);
    const { stdout: json } = await botaudit([...args, '--json']);
    expect(JSON.parse(json)).toEqual({ exported: 0, rejected: 0, remaining: 0, unreadable: 1 });
  });

  test('--once that is stopped before all is shipped ends with 2', async () => {
    journal.closed();
    sink.status = 503;
    const running = new Running(['ship', '--once', '--dir', journal.directory, '--endpoint', sink.url]);
    await running.until(() => sink.received.length > 0);
    running.child.kill('SIGTERM');
    const { code, stdout } = await running.ended;
    expect(stdout).toBe('shipped 0, rejected 0, remaining 2\n');
    expect(code).toBe(2);
  });

  describe('--rejected', () => {
    /** A journal some of whose records the endpoint refused. */
    async function refused(count: number) {
      const stream = journal.open();
      const ids = Array.from({ length: count }, () => stream.write({ attributes: { 'bot.chat.id': 'telegram:-100' } }));
      stream.close();
      sink.refused = 'telegram:-100';
      await botaudit(['ship', '--once', '--dir', journal.directory, '--endpoint', sink.url]);
      sink.received.length = 0;
      const file = join(stream.directory, 'rejected.ndjson');
      expect(linesOf(readFileSync(file, 'utf8'))).toHaveLength(count);
      return { stream, ids, file };
    }
    const args = (...more: string[]) => [
      'ship',
      '--rejected',
      '--dir',
      journal.directory,
      '--endpoint',
      sink.url,
      ...more,
    ];

    test('sends again what was refused: 0 once all is taken, 1 while some is refused again', async () => {
      const { stream, ids, file } = await refused(4);
      sink.refused = ids[2];
      const first = await botaudit(args('--json'));
      expect(JSON.parse(first.stdout)).toEqual({ exported: 3, rejected: 1, remaining: 0, unreadable: 0 });
      expect(first.code).toBe(1);
      expect(linesOf(readFileSync(file, 'utf8'))).toEqual([expect.stringContaining(ids[2]!)]);
      sink.refused = undefined;
      const second = await botaudit(args());
      expect(second).toMatchObject({ code: 0, stdout: 'shipped 1, rejected 0, remaining 0\n' });
      expect(linesOf(second.stderr)).toEqual([
        `botaudit: shipping rejected records of ${journal.directory} to ${sink.url}`,
        `botaudit: ${stream.id}: shipped 1, rejected 0`,
      ]);
      expect(existsSync(file)).toBe(false);
      expect(await botaudit(args())).toMatchObject({ code: 0, stdout: 'shipped 0, rejected 0, remaining 0\n' });
      for (const id of ids) expect(sink.text).toContain(id);
    });

    test('stopped while the endpoint is down it ends with 2, and the records are back', async () => {
      const { file } = await refused(3);
      const before = readFileSync(file, 'utf8');
      sink.refused = undefined;
      sink.status = 503;
      const running = new Running(args());
      await running.until(() => sink.received.length > 0);
      running.child.kill('SIGTERM');
      const { code, stdout } = await running.ended;
      expect({ code, stdout }).toEqual({ code: 2, stdout: 'shipped 0, rejected 0, remaining 3\n' });
      expect(readFileSync(file, 'utf8')).toBe(before);
    });

    test('killed at any moment it loses nothing: the next one sends what is left', { timeout: 120_000 }, async () => {
      const { ids, stream } = await refused(30);
      for (let kill = 0; kill < 6; kill++) {
        sink.refused = ids[kill];
        const before = sink.received.length;
        const running = new Running(args());
        await running.until(() => sink.received.length > before + kill);
        running.child.kill('SIGKILL');
        await running.ended;
      }
      sink.refused = ids[29];
      expect((await botaudit(args())).code).toBe(1);
      const files = readdirSync(stream.directory).filter((name) => name.startsWith('rejected'));
      expect(files).toEqual(['rejected.ndjson']);
      expect(linesOf(readFileSync(join(stream.directory, files[0]!), 'utf8'))).toEqual([
        expect.stringContaining(ids[29]!),
      ]);
      sink.refused = undefined;
      expect((await botaudit(args())).code).toBe(0);
      for (const id of ids) expect(sink.text).toContain(id);
    });

    test('another user’s journal that may be read and not written: nothing is sent, exit 2', async (context) => {
      if (process.getuid?.() !== 0) return context.skip('only root can be somebody else');
      const { file } = await refused(2);
      const before = readFileSync(file, 'utf8');
      execFileSync('chmod', ['-R', 'a+rX', journal.folder]);
      sink.refused = undefined;
      const { code, stdout, stderr } = await botaudit(args(), { uid: 65534, gid: 65534, cwd: '/' });
      expect({ code, stdout }).toEqual({
        code: 2,
        stdout: 'shipped 0, rejected 0, remaining 0; 1 stream could not be read, see above\n',
      });
      expect(stderr).toContain('EACCES');
      expect(sink.received).toEqual([]);
      expect(readFileSync(file, 'utf8')).toBe(before);
    });
  });

  test.each<[string, string[], RegExp]>([
    ['no endpoint', [], /there is no endpoint to ship to; give --endpoint, or set OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT/],
    ['an endpoint that is none', ['--endpoint', 'collector'], /OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT.*allowed/],
    ['an address that is none', ['--endpoint', 'http://127.0.0.1:1', '--metrics', 'x'], /BOTAUDIT_METRICS.*allowed/],
  ])('%s: exit 2 and one line that says what to do', async (_what, args, message) => {
    journal.closed();
    const { code, stdout, stderr } = await botaudit(['ship', '--once', '--dir', journal.directory, ...args]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(linesOf(stderr)).toHaveLength(1);
  });
});
