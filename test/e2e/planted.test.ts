import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { plant, taken } from '../support/planted/planted.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// What all other tests rely on: a planted secret that comes out of auditing makes its file of tests fail.

test('a planted secret is found in any file of a folder that is removed, compressed ones too, and not where it has to be', async () => {
  const secret = plant('a secret', 'planted-0123456789');
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'streams'));
  await writeFile(join(folder, 'streams', '1.ndjson'), `{"text":"${secret}"}`);
  await writeFile(join(folder, 'streams', '2.ndjson.zst'), zstdCompressSync(secret));
  await writeFile(join(folder, 'streams', '3.ndjson'), 'nothing');
  await writeFile(join(folder, 'botaudit.yaml'), secret);
  await rm(folder, { recursive: true });
  const { leaks, files } = taken();
  expect(leaks).toHaveLength(2);
  expect(leaks[0]).toContain('a secret');
  expect(leaks.join()).not.toContain(secret);
  expect(files).toBeGreaterThanOrEqual(3);
});

test('a planted secret is found in what is sent to a sink, and in metrics, but not in what is sent to a platform', async () => {
  const secret = plant('a secret', 'planted-9876543210');
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end(request.url === '/metrics' ? secret : ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => void server.close());
  const post = (path: string, body: string | Buffer, headers = {}) =>
    fetch(`${url}${path}`, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers });
  await post('/bot1/sendMessage', secret);
  expect(taken().leaks).toEqual([]);
  for (const path of ['/v1/audit', '/v1/logs', '/_bulk', '/logs-audit.otel-default/_bulk']) {
    plant('a secret', secret);
    await post(path, secret);
    expect(taken().leaks, path).toHaveLength(1);
    plant('a secret', secret);
    await post(path, gzipSync(secret), { 'content-encoding': 'gzip' });
    expect(taken().leaks, path).toHaveLength(1);
  }
  plant('a secret', secret);
  await fetch(`${url}/metrics`);
  expect(taken().leaks).toHaveLength(1);
});
