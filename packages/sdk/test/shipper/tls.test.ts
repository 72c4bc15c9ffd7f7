import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Metrics } from '../../src/metrics/index.js';
import { shipDirectory } from '../../src/shipper/index.js';
import { TestStream, temporaryFolder } from './journal.ts';
import { Sink } from './sink.ts';

const OPENSSL = 'openssl';
const openssl = (...args: string[]) => spawnSync(OPENSSL, args);
const PAUSES = { firstMs: 5, longestMs: 20 };

describe.skipIf(openssl('version').status !== 0)('over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-tls-'));
  const file = (name: string) => join(folder, name);
  const read = (name: string) => readFileSync(file(name));

  beforeAll(() => {
    for (const [name, subject, alternative] of [
      ['server', '/CN=127.0.0.1', 'subjectAltName=IP:127.0.0.1'],
      ['client', '/CN=bot', 'subjectAltName=DNS:bot'],
      ['other', '/CN=127.0.0.1', 'subjectAltName=IP:127.0.0.1'],
    ] as const) {
      const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file(`${name}.key`)];
      openssl(
        'req',
        '-x509',
        ...key,
        '-out',
        file(`${name}.pem`),
        '-days',
        '2',
        '-subj',
        subject,
        '-addext',
        alternative,
      );
    }
    writeFileSync(file('broken.pem'), 'not a certificate');
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  /** Ships until everything is taken, or until something is wrong. */
  async function ship(sink: Sink, endpoint: Record<string, string>) {
    const directory = temporaryFolder();
    new TestStream(directory).open();
    const metrics = new Metrics();
    const stop = new AbortController();
    const errors = () => metrics.one('audit_export_errors_total').values.filter(({ value }) => value > 0);
    const shipping = shipDirectory({
      directory,
      endpoint: { url: sink.url, ...endpoint },
      mode: 'once',
      metrics,
      signal: stop.signal,
      pauses: PAUSES,
      say: () => errors().some(({ value }) => value > 0) && stop.abort(),
    });
    const { exported } = await shipping;
    return { exported, reasons: errors().map(({ labels }) => labels.reason) };
  }

  const server = () => ({ key: read('server.key'), cert: read('server.pem') });

  test('a receiver with the certificate that was named gets the records', async () => {
    const sink = await Sink.start(undefined, { tls: server() });
    expect(await ship(sink, { certificate: file('server.pem') })).toEqual({ exported: 1, reasons: [] });
  });

  test.each([
    ['nobody vouches for', {}],
    ['another one was named for', { certificate: file('other.pem') }],
  ])('a receiver whose certificate %s gets nothing', async (_, endpoint) => {
    const sink = await Sink.start(undefined, { tls: server() });
    expect(await ship(sink, endpoint)).toEqual({ exported: 0, reasons: ['tls'] });
    expect(sink.requests).toEqual([]);
  });

  test('a receiver that asks for a client’s certificate gets the one that was named', async () => {
    const tls = { ...server(), ca: read('client.pem'), requestCert: true, rejectUnauthorized: true };
    const sink = await Sink.start(undefined, { tls });
    const certificate = file('server.pem');
    const client = { clientKey: file('client.key'), clientCertificate: file('client.pem') };
    expect(await ship(sink, { certificate, ...client })).toEqual({ exported: 1, reasons: [] });
    const without = await ship(sink, { certificate });
    expect(without.exported).toBe(0);
  });

  test.each([
    ['is not there', 'nowhere.pem'],
    ['holds none', 'broken.pem'],
  ])('a certificate file that %s is an error of this side, said with its name or kind', async (_, name) => {
    const sink = await Sink.start(undefined, { tls: server() });
    const key = { clientKey: file(name), clientCertificate: file('client.pem'), certificate: file('server.pem') };
    expect(await ship(sink, key)).toEqual({ exported: 0, reasons: ['not_sent'] });
  });
});
