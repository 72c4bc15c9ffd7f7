import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeCertificates } from '../../../test/stack/certificates.ts';
import { botaudit, linesOf } from './support/botaudit.js';
import { doctor, folder, found, journal, sink } from './support/doctor.js';

/** A framework as npm installs it, as far as that can be told from outside. */
function install(module: string, version: string): void {
  const path = join(folder, 'node_modules', module);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name: module, version }));
}

describe('where all is well', () => {
  test('a record goes the whole way, each leg says how long it took, and the exit code is 0', async () => {
    install('grammy', '1.46.0');
    const { code, status, checks } = await found();
    expect({ code, status }).toEqual({ code: 0, status: 'ok' });
    expect([...checks.keys()]).toEqual([
      'node',
      'configuration',
      'frameworks',
      'journal',
      'endpoint',
      'canary: write',
      'canary: read',
      'canary: ship',
    ]);
    for (const { name, status, ms } of checks.values()) {
      expect({ name, status }).toEqual({ name, status: 'ok' });
      expect(ms).toBeGreaterThan(0);
    }
    const [, id = ''] = /^record (\S+),/.exec(checks.get('canary: write')?.detail ?? '') ?? [];
    expect(sink.text).toContain(id);
    const shown = await botaudit(['show', id, '--json', '--dir', journal]);
    expect(JSON.parse(shown.stdout)).toMatchObject({ record: { EventName: 'audit.canary' } });
    expect((await botaudit(['verify', '--dir', journal])).code).toBe(0);
  });

  test('for people it is a line for each check, and one for what it comes to', async () => {
    install('grammy', '1.46.0');
    const { code, stdout, stderr } = await doctor();
    expect(code).toBe(0);
    expect(stderr).toMatch(/^botaudit: made a key to sign checkpoints.*\n$/);
    const lines = linesOf(stdout);
    expect(lines).toHaveLength(9);
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^ok {6}\S.* \d+(?:\.\d)? m?s \S/);
    expect(lines.at(-1)).toBe('works: every check passed');
  });

  test('without an endpoint the records stay, which is a warning', async () => {
    install('telegraf', '4.16.3');
    const { code, status, checks } = await found({ endpoint: null });
    expect({ code, status }).toEqual({ code: 0, status: 'warning' });
    expect(checks.get('endpoint')).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining('none is named'),
    });
    expect(checks.has('canary: ship')).toBe(false);
    expect(checks.get('canary: read')?.status).toBe('ok');
  });
});

describe('what is wrong before anything is sent', () => {
  test('a configuration that is wrong; nothing is written then', async () => {
    writeFileSync(join(folder, 'botaudit.yaml'), 'journal:\n  max_bytes: few\n');
    const { code, checks } = await found();
    expect(code).toBe(1);
    expect(checks.get('configuration')).toMatchObject({
      status: 'failed',
      detail: expect.stringMatching(/botaudit\.yaml:2: journal\.max_bytes: wrong value "few"; allowed: /),
    });
    expect(checks.get('canary')?.status).toBe('skipped');
    expect(readdirSync(folder)).toEqual(['botaudit.yaml']);
  });

  test('auditing that is switched off', async () => {
    const { code, checks } = await found({ env: { BOTAUDIT_DISABLED: '1' } });
    expect(code).toBe(1);
    expect(checks.get('configuration')?.detail).toContain('switched off');
  });

  test('a signing key that is none', async () => {
    writeFileSync(join(folder, 'key'), 'none');
    const { checks } = await found({ env: { BOTAUDIT_SIGNING_KEY_FILE: join(folder, 'key') } });
    expect(checks.get('configuration')).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('signing.key_file'),
    });
  });

  test('a framework of a version that is not audited', async () => {
    install('grammy', '0.9.0');
    const { code, checks } = await found();
    expect(code).toBe(1);
    expect(checks.get('frameworks')).toMatchObject({ status: 'failed', next: 'supported: grammy >=1.7.1 <2.0.0' });
  });

  test('a folder that can not be', async () => {
    writeFileSync(join(folder, 'file'), '');
    const { code, checks } = await found({
      env: { BOTAUDIT_DIR: '' },
      args: ['--dir', join(folder, 'file', 'journal')],
    });
    expect(code).toBe(1);
    expect(checks.get('journal')).toMatchObject({ status: 'failed', detail: expect.stringContaining('ENOTDIR') });
    expect(checks.get('canary')?.status).toBe('skipped');
    expect(sink.received).toEqual([]);
  });

  test('a folder that others may look into', async () => {
    mkdirSync(journal);
    chmodSync(journal, 0o755);
    const { code, checks } = await found();
    expect(code).toBe(0);
    expect(checks.get('journal')).toMatchObject({ status: 'warning', next: `chmod 700 ${journal}` });
  });
});

describe('a broken leg has a name, a reason and a next step', () => {
  const leg = async (run: Parameters<typeof found>[0], name = 'canary: ship') => {
    const { code, checks } = await found(run);
    expect(code).toBe(1);
    const check = checks.get(name);
    expect(check).toMatchObject({ status: 'failed', next: expect.stringMatching(/\S/) });
    return check!;
  };

  test('nobody listens', async () => {
    const { detail, next } = await leg({ endpoint: 'http://127.0.0.1:1', args: ['--timeout', '3s'] });
    expect(detail).toMatch(/^no acknowledgement within 3 s; .*ECONNREFUSED/);
    expect(next).toContain('is the collector running');
  });

  test('a token that is not accepted ends the wait', async () => {
    sink.status = 401;
    const started = performance.now();
    const env = { OTEL_EXPORTER_OTLP_AUDIT_HEADERS: 'authorization=Bearer%20wrong-token' };
    const { detail, next } = await leg({ env, args: ['--timeout', '10m'] });
    expect(performance.now() - started).toBeLessThan(60_000);
    expect(detail).toContain('HTTP 401');
    expect(next).toContain('check the token');
    expect(detail + next).not.toContain('wrong-token');
  });

  test('a collector that takes the request and never answers', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).resume());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { detail } = await leg({ endpoint: url, args: ['--timeout', '1s'] });
    expect(detail).toBe('no acknowledgement within 1 s');
  });

  test('a record that is refused', async () => {
    sink.refused = 'audit.canary';
    const { detail } = await leg({});
    expect(detail).toMatch(/refuse[sd]/);
  });

  test('a certificate of an authority that is not ours', async () => {
    const [theirs, ours] = ['theirs', 'ours'].map((name) => join(folder, name)) as [string, string];
    for (const authority of [theirs, ours]) {
      mkdirSync(authority);
      await makeCertificates(authority);
    }
    const read = (name: string) => readFileSync(join(theirs, name));
    const server = createTlsServer({ key: read('server-key.pem'), cert: read('server.pem') });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { next } = await leg({
      endpoint,
      env: { OTEL_EXPORTER_OTLP_AUDIT_CERTIFICATE: join(ours, 'ca.pem') },
    });
    expect(next).toContain('endpoint.certificate');
    const unreadable = await found({
      endpoint,
      env: { OTEL_EXPORTER_OTLP_AUDIT_CERTIFICATE: join(folder, 'none.pem') },
    });
    expect(unreadable.checks.get('endpoint')).toMatchObject({ status: 'failed' });
  });

  test('an endpoint whose clock is another', async () => {
    sink.date = new Date(Date.now() + 3_600_000).toUTCString();
    const { code, checks } = await found();
    expect(code).toBe(0);
    expect(checks.get('canary: ship')).toMatchObject({
      status: 'warning',
      // It stands still there, and starting the command takes a loaded machine some seconds.
      detail: expect.stringMatching(/^acknowledged; the clock here is 3(?:5[4-9]\d|60\d) s behind the endpoint's$/),
    });
  });
});

test.each<[string, string[], RegExp]>([
  ['no length of time', ['--every', 'often'], /--every .*length of time/],
  ['less than a second', ['--timeout', '0s'], /--timeout .*length of time/],
  ['credentials on the command line', ['--elasticsearch', 'http://elastic:secret@127.0.0.1'], /takes no credentials/],
  ['an address that is none', ['--elasticsearch', 'elasticsearch'], /--elasticsearch takes the address of a node/],
])('%s: exit 2, and one line that says what is allowed', async (_what, args, message) => {
  const { code, stdout, stderr } = await doctor({ args });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain('secret');
  expect(linesOf(stderr)).toHaveLength(1);
});
