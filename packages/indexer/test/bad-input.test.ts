import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@botaudit/config';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { makeCertificates } from '../../../test/stack/certificates.ts';
import { loadIndexerConfig, runSetup, startIndexer } from '../src/index.js';

const OWN = {
  BOTAUDIT_INDEXER_ELASTICSEARCH_URL: 'https://127.0.0.1:1',
  BOTAUDIT_INDEXER_LISTEN: '127.0.0.1:0',
  BOTAUDIT_INDEXER_METRICS: '127.0.0.1:0',
  BOTAUDIT_INDEXER_TOKENS: 'payments=token-of-payments',
};

/**
 * Certificates that are right (`ca.pem`, `server.pem`, `client.pem`, each with its `-key.pem`), and files that hold what
 * they should not.
 */
let folder: string;
/** The line on which the wrong one begins in a file of two certificates. */
let second: number;

const text = (name: string) => readFile(join(folder, name), 'utf8');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'botaudit-test-'));
  await makeCertificates(folder);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  openssl('pkcs8', '-topk8', '-in', 'server-key.pem', '-passout', 'pass:secret', '-out', 'locked-key.pem');
  const weak = ['-newkey', 'rsa:512', '-nodes', '-subj', '/CN=weak', '-keyout', 'weak-key.pem', '-out', 'weak.pem'];
  openssl('req', '-x509', ...weak);
  const [authority, server] = [await text('ca.pem'), (await text('server.pem')).split('\n')];
  second = authority.split('\n').length;
  const wrong = {
    'empty.pem': '',
    'other.txt': 'hello\n',
    'damaged.pem': `${authority}${server.toSpliced(4, 1).join('\n')}`,
    'cut-off.pem': `${authority}${server.slice(0, 4).join('\n')}`,
    'indexer.yaml': 'receiver:\n  certificate: server.pem\n  key: client-key.pem\n',
  };
  for (const [name, content] of Object.entries(wrong)) await writeFile(join(folder, name), content);
  await mkdir(join(folder, 'folder'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What a start says against its configuration; it does not start. */
async function said(env: Readonly<Record<string, string>>): Promise<string> {
  const started = (async () => startIndexer(loadIndexerConfig({ env: { ...OWN, ...env }, cwd: folder }), () => {}))();
  const error = await started.then(
    async (indexer) => indexer.stop(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).message.replaceAll(`${folder}/`, '');
}

const tls = (certificate: string, key: string, authority = '') => ({
  BOTAUDIT_INDEXER_CERTIFICATE: certificate,
  BOTAUDIT_INDEXER_KEY: key,
  BOTAUDIT_INDEXER_CLIENT_CA: authority,
});
const trusting = (file: string) => ({ BOTAUDIT_INDEXER_ELASTICSEARCH_CERTIFICATE: file });

const STARTS: readonly (readonly [env: Record<string, string>, message: string])[] = [
  [tls('absent.pem', 'server-key.pem'), 'BOTAUDIT_INDEXER_CERTIFICATE: absent.pem does not exist'],
  [tls('folder', 'server-key.pem'), 'CERTIFICATE: folder is a folder, not a file'],
  [tls('empty.pem', 'server-key.pem'), 'CERTIFICATE: empty.pem holds no certificate: it is empty'],
  [
    tls('other.txt', 'server-key.pem'),
    'CERTIFICATE: other.txt holds no certificate; allowed: a file with certificates',
  ],
  [tls('server-key.pem', 'server.pem'), 'CERTIFICATE: server-key.pem holds no certificate, but a private key'],
  [tls('damaged.pem', 'server-key.pem'), 'CERTIFICATE: damaged.pem:<n> begins a certificate that is damaged ('],
  [tls('cut-off.pem', 'server-key.pem'), 'CERTIFICATE: cut-off.pem:<n> begins a block that does not end'],
  [tls('weak.pem', 'weak-key.pem'), "CERTIFICATE: weak.pem can't be used for TLS (ee key too small)"],
  [tls('server.pem', 'absent.pem'), 'BOTAUDIT_INDEXER_KEY: absent.pem does not exist'],
  [tls('server.pem', 'server.pem'), 'KEY: server.pem holds no private key, but a certificate'],
  [
    tls('server.pem', 'locked-key.pem'),
    'KEY: locked-key.pem:1 begins a private key with a passphrase; allowed: a file',
  ],
  [tls('server.pem', 'client-key.pem'), 'KEY: client-key.pem does not fit the certificate in server.pem (CN=server)'],
  [tls('server.pem', 'server-key.pem', 'absent.pem'), 'BOTAUDIT_INDEXER_CLIENT_CA: absent.pem does not exist'],
  [tls('server.pem', 'server-key.pem', 'other.txt'), 'CLIENT_CA: other.txt holds no certificate'],
  [trusting('absent.pem'), 'BOTAUDIT_INDEXER_ELASTICSEARCH_CERTIFICATE: absent.pem does not exist'],
  [trusting('server-key.pem'), 'ELASTICSEARCH_CERTIFICATE: server-key.pem holds no certificate, but a private key'],
  [
    { ...trusting('ca.pem'), BOTAUDIT_INDEXER_ELASTICSEARCH_URL: 'https://127.0.0.1:1,http://127.0.0.1:2' },
    'ELASTICSEARCH_CERTIFICATE: is set, but an address of elasticsearch.url starts with http://',
  ],
  [{ BOTAUDIT_INDEXER_LISTEN: '192.0.2.1:4321' }, 'BOTAUDIT_INDEXER_LISTEN: 192.0.2.1:4321 is no address of this'],
  [{ BOTAUDIT_INDEXER_METRICS: '192.0.2.1:9732' }, 'BOTAUDIT_INDEXER_METRICS: 192.0.2.1:9732 is no address of this'],
];

test.each(STARTS.map(([env, message]) => [message, env] as const))('%s', async (message, env) => {
  const told = await said(env);
  expect(told).toContain(message.replace('<n>', String(second)));
  expect(told).not.toContain('PRIVATE KEY-----\n');
});

test('what comes from a file is told with its line', async () => {
  const told = await said({ BOTAUDIT_INDEXER_CONFIG: 'indexer.yaml' });
  expect(told).toContain('indexer.yaml:3: receiver.key: client-key.pem does not fit the certificate in server.pem');
});

test('a port that is taken is told, for records and for metrics', async () => {
  const url = await serve(createHttpServer());
  const address = url.replace('http://', '');
  for (const name of ['LISTEN', 'METRICS']) {
    const variable = `BOTAUDIT_INDEXER_${name}`;
    expect(await said({ [variable]: address })).toContain(
      `${variable}: ${address} is taken by another process; allowed: host:port of this machine that nobody uses`,
    );
  }
});

/** Has a server listen until the test has ended. Returns its address. */
async function serve(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const setUp = (url: string, env: Readonly<Record<string, string>> = {}) =>
  runSetup({ env: { BOTAUDIT_INDEXER_ELASTICSEARCH_URL: url, ...env }, cwd: folder });

test('what stands in the way to Elasticsearch is told in one line, with what may be wrong', async () => {
  const page: RequestListener = (_, response) => void response.writeHead(502).end('<html>\n<h1>Bad gateway</h1>\n');
  const plain = await serve(createHttpServer(page));
  const own = { cert: await text('server.pem'), key: await text('server-key.pem') };
  const secure = (await serve(createHttpsServer(own, page))).replace('http:', 'https:');
  const noPage = 'HTTP 502: no reason was given as Elasticsearch gives one; is it Elasticsearch?';
  await expect(setUp(plain)).rejects.toThrow(noPage);
  await expect(setUp(secure, trusting('ca.pem'))).rejects.toThrow(noPage);
  await expect(setUp(secure)).rejects.toThrow(/^its certificate was made by nobody who is trusted here: set elastic/);
  await expect(setUp(plain.replace('http:', 'https:'))).rejects.toThrow(
    'it does not answer with TLS: should its address start with http://? (wrong version number)',
  );
  await expect(setUp(secure.replace('https:', 'http:'))).rejects.toThrow(
    /^it closed the connection; if it always does/,
  );
});
