import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { accessesIn, accessFolderOf, recordsIn } from './support/access-log.js';
import { botaudit, linesOf, Running } from './support/botaudit.js';
import { OtlpSink } from './support/otlp-sink.js';
import { TestJournal } from './support/test-journal.js';

let journal: TestJournal;
let folder: string;
beforeEach(() => {
  journal = new TestJournal();
  folder = accessFolderOf(journal.directory);
});
afterEach(() => journal.remove());

describe('who reads the journal is on record', () => {
  test('search: who, what was asked for, how many records were shown, in an attempt and an outcome', async () => {
    journal.closed({ event: 'bot.member.ban' }, { event: 'bot.member.ban' }, {});
    const { code, stderr, stdout } = await botaudit(
      ['search', '--dir', journal.directory, '--event', 'bot.member.*', '--since', '2020-01-01', '--json'],
      { env: { SUDO_USER: 'alice', SUDO_UID: '1000', SSH_CONNECTION: '192.0.2.7 50000 192.0.2.1 22' } },
    );
    expect({ code, stderr, lines: linesOf(stdout).length }).toEqual({ code: 0, stderr: '', lines: 2 });
    const [attempt, outcome, ...more] = accessesIn(folder);
    expect(more).toEqual([]);
    const user = userInfo().username;
    expect(attempt).toMatchObject({
      eventName: 'audit.log.read',
      attributes: {
        'audit.actor.id': `os:${user}`,
        'audit.actor.type': 'user',
        'audit.action': 'READ',
        'audit.outcome': 'unknown',
        'audit.target.id': `journal:${journal.directory}`,
        'audit.target.type': 'log',
        'audit.source.id': '192.0.2.7',
        'audit.source.type': 'ssh',
        'bot.action.stage': 'attempt',
      },
      body: {
        command: 'search',
        asked: { event: ['bot.member.*'], since: '2020-01-01', json: true },
        output: { kind: 'pipe' },
        reader: {
          uid: process.geteuid?.(),
          claimed: { sudo_user: 'alice', sudo_uid: '1000', ssh_connection: '192.0.2.7 50000 192.0.2.1 22' },
        },
      },
    });
    expect(outcome).toMatchObject({
      attributes: {
        'audit.actor.id': `os:${user}`,
        'audit.outcome': 'success',
        'bot.action.stage': 'outcome',
        'bot.action.attempt.record_id': attempt?.attributes['audit.record.id'],
      },
      body: { command: 'search', records: 2, partial: false },
    });
  });

  test('show: which record, and those around it; also where there is none', async () => {
    const stream = journal.open();
    const trigger = stream.write();
    const id = stream.write({ attributes: { 'bot.trigger.record_id': trigger } });
    stream.close();
    expect(await botaudit(['show', id.slice(0, 13), '--dir', journal.directory])).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await botaudit(['show', 'ffffffff', '--dir', journal.directory])).toMatchObject({ code: 1 });
    const [attempt, shown, other, missed] = accessesIn(folder);
    expect(attempt).toMatchObject({ body: { command: 'show', asked: { id: id.slice(0, 13) } } });
    expect(shown).toMatchObject({ body: { records: 2, record_id: id } });
    expect(other).toMatchObject({ body: { asked: { id: 'ffffffff' } } });
    expect(missed).toMatchObject({ attributes: { 'audit.outcome': 'failure' }, body: { records: 0 } });
  });

  test('policy explain: which record; of an event alone nothing is read', async () => {
    const stream = journal.open();
    const id = stream.write();
    stream.close();
    expect(await botaudit(['policy', 'explain', 'bot.command', '--dir', journal.directory])).toMatchObject({ code: 0 });
    expect(await botaudit(['policy', 'explain', id, '--dir', journal.directory])).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(accessesIn(folder)).toMatchObject([
      { eventName: 'audit.log.read', body: { command: 'policy explain', asked: { id } } },
      { attributes: { 'audit.outcome': 'success' }, body: { records: 1, record_id: id } },
    ]);
  });

  test('tail: a reader of which nothing is left but its first records, and that is told of by the next one', async () => {
    const live = journal.open();
    live.write();
    const running = new Running(['tail', '-f', '--json', '--dir', journal.directory]);
    await running.until(({ stdout }) => linesOf(stdout).length === 2);
    // The first record is shown, so what was asked for is on disk.
    expect(accessesIn(folder)).toMatchObject([{ body: { command: 'tail', asked: { follow: true, lines: 10 } } }]);
    running.child.kill('SIGKILL');
    await running.ended;
    await botaudit(['tail', '--dir', journal.directory]);
    const [attempt] = accessesIn(folder);
    expect(recordsIn(folder).find(({ eventName }) => eventName === 'audit.stream.recovered')).toMatchObject({
      body: { open_attempts: [attempt?.attributes['audit.record.id']] },
    });
  });

  test('tail -f that is told to stop says how many records it has shown', async () => {
    const live = journal.open();
    const running = new Running(['tail', '-f', '--json', '--dir', journal.directory]);
    await running.until(({ stdout }) => linesOf(stdout).length === 1);
    live.write();
    await running.until(({ stdout }) => linesOf(stdout).length === 2);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
    expect(accessesIn(folder).at(-1)).toMatchObject({ body: { records: 2, partial: false } });
  });

  test('a search that nobody reads to its end was partial', async () => {
    const stream = journal.open();
    for (let i = 0; i < 5_000; i++) stream.write();
    stream.close();
    const running = new Running(['search', '--json', '--dir', journal.directory]);
    running.child.stdout?.once('data', () => running.child.stdout?.destroy());
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
    const [, outcome] = accessesIn(folder);
    expect(outcome).toMatchObject({ body: { partial: true } });
    expect(Number(outcome?.body?.records)).toBeLessThan(5_002);
  });
});

describe('what is recorded of readers', () => {
  test('is a journal of its own: it verifies, and the bot’s is as it was', async () => {
    journal.closed({}, {});
    const before = await botaudit(['verify', journal.directory, '--json']);
    await botaudit(['tail', '--dir', journal.directory]);
    await botaudit(['search', '--dir', journal.directory]);
    const own = await botaudit(['verify', folder, '--public-key', join(folder, 'signing.pub'), '--json']);
    expect(JSON.parse(own.stdout)).toMatchObject({ intact: true, signed: true, streams: 2, records: 8, findings: [] });
    expect(await botaudit(['verify', journal.directory, '--json'])).toEqual(before);
  });

  test('is read on record in the very same place', async () => {
    journal.closed({});
    await botaudit(['tail', '--dir', journal.directory]);
    const { stdout } = await botaudit(['search', '--json', '--dir', folder, '--event', 'audit.log.*']);
    expect(linesOf(stdout).length).toBeGreaterThanOrEqual(2);
    expect(accessesIn(folder)).toHaveLength(4);
    expect(accessesIn(folder).at(-2)).toMatchObject({ attributes: { 'audit.target.id': `journal:${folder}` } });
  });

  test('stands where the configuration says, in a folder for each user', async () => {
    journal.closed({});
    const config = join(journal.folder, 'auditor.yaml');
    writeFileSync(config, `access_log:\n  directory: ${join(journal.folder, 'readers')}\n`);
    await botaudit(['tail', '--dir', journal.directory, '--config', config]);
    expect(accessesIn(join(journal.folder, 'readers', userInfo().username))).toHaveLength(2);
    expect(accessesIn(folder)).toEqual([]);
  });

  test('is shipped where records are, with the service of the configuration', async () => {
    const sink = await OtlpSink.listen();
    journal.closed({});
    const env = { OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: sink.url, OTEL_SERVICE_NAME: 'moderator' };
    try {
      await botaudit(['tail', '--dir', journal.directory], { env });
      // On a machine that is busy the first reader may not have had the time: then the next one has it.
      for (let reads = 1; reads < 20 && !sink.text.includes('audit.stream.closed'); reads++) {
        await botaudit(['tail', '--dir', journal.directory], { env });
      }
    } finally {
      sink.close();
    }
    const [attempt] = accessesIn(folder);
    expect(sink.text).toContain(attempt?.attributes['audit.record.id']);
    expect(sink.text).toContain('moderator');
  });

  test('is shipped at once by a reader who goes on', async () => {
    const sink = await OtlpSink.listen();
    journal.open();
    const env = { OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: sink.url };
    const running = new Running(['tail', '-f', '--dir', journal.directory], { env });
    try {
      await running.until(({ stdout }) => stdout !== '');
      await running.until(() => sink.text.includes('audit.log.read'));
      expect(sink.text).toContain(accessesIn(folder)[0]?.attributes['audit.record.id']);
    } finally {
      running.child.kill('SIGTERM');
      await running.ended;
      sink.close();
    }
  });

  test('an endpoint that cannot be reached keeps nobody from reading, and the record stays', async () => {
    journal.closed({});
    const env = { OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: 'http://127.0.0.1:9/v1/audit' };
    expect(await botaudit(['tail', '--dir', journal.directory], { env })).toMatchObject({ code: 0, stderr: '' });
    expect(accessesIn(folder)).toHaveLength(2);
  });
});

describe('where it cannot be recorded', () => {
  let env: NodeJS.ProcessEnv;
  beforeEach(() => {
    journal.closed({});
    const file = join(journal.folder, 'file');
    writeFileSync(file, '');
    env = { BOTAUDIT_ACCESS_DIR: join(file, 'readers') };
  });

  test('reading goes on, and says loudly that it is not recorded', async () => {
    const { code, stdout, stderr } = await botaudit(['search', '--json', '--dir', journal.directory], { env });
    expect({ code, lines: linesOf(stdout).length }).toEqual({ code: 0, lines: 3 });
    expect(stderr).toMatch(/^botaudit: THIS IS NOT RECORDED: .*readers.* cannot be written \(ENOTDIR\)\n$/);
  });

  test('nothing is read where that is required', async () => {
    env.BOTAUDIT_ACCESS_LOG = 'required';
    for (const args of [['search'], ['tail', '-f'], ['show', 'a'], ['export']]) {
      const { code, stdout, stderr } = await botaudit([...args, '--dir', journal.directory], { env });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^botaudit: nothing is done: .*access_log.mode is required.*ENOTDIR/);
    }
  });

  test('a configuration that is wrong elsewhere does not switch off what it requires', async () => {
    const config = join(journal.folder, 'wrong.yaml');
    writeFileSync(config, 'jurnal: {}\naccess_log:\n  mode: required\n');
    const args = ['search', '--dir', journal.directory, '--config', config];
    expect(await botaudit(args, { env })).toMatchObject({ code: 2, stdout: '' });
    expect(await botaudit(args)).toMatchObject({ code: 0, stderr: '' });
  });
});

test.each([
  ['a file that is not YAML', 'access_log: [', /auditor\.yaml:\d+: is not valid YAML.*may not be what was meant/],
  ['a wrong value', 'access_log:\n  mode: never\n', /access_log\.mode: .*never.*allowed: required, best-effort, off/],
])('a configuration that does not say what to record of readers is told: %s', async (_what, text, message) => {
  journal.closed({});
  const config = join(journal.folder, 'auditor.yaml');
  writeFileSync(config, text);
  const { code, stderr } = await botaudit(['search', '--dir', journal.directory, '--config', config]);
  expect(code).toBe(0);
  expect(stderr).toMatch(message);
  expect(accessesIn(folder)).toHaveLength(2);
});

test('switched off, nothing is recorded', async () => {
  journal.closed({});
  const env = { BOTAUDIT_ACCESS_LOG: 'off' };
  expect(await botaudit(['search', '--dir', journal.directory], { env })).toMatchObject({ code: 0, stderr: '' });
  expect(recordsIn(folder)).toEqual([]);
});
