import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { attribute, readArchive } from './archive.ts';
import { makeCertificates } from './certificates.ts';
import { startCollector } from './collectors.ts';
import { bearer, exportRequest } from './sending.ts';

test('over TLS, records come in with the token, and with a client certificate where that is demanded', async () => {
  const folder = await temporaryFolder();
  await makeCertificates(folder);
  const file = (name: string) => join(folder, name);
  const env = { AUDIT_TLS_CERT: file('server.pem'), AUDIT_TLS_KEY: file('server-key.pem') };
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'client.pem', 'client-key.pem'].map((name) => readFile(file(name))),
  );

  const plain = await startCollector({ overlays: ['tls'], env });
  const mutual = await startCollector({ overlays: ['tls'], env: { ...env, AUDIT_TLS_CLIENT_CA: file('ca.pem') } });
  const { ids, logs } = exportRequest(1);
  const send = (to: typeof plain, tls: object) => {
    const headers = { 'content-type': 'application/json', ...bearer(to.token) };
    return new Promise<number | undefined>((resolve, reject) => {
      const sent = request(to.collector.url, { method: 'POST', headers, ...tls, agent: false }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      });
      sent.on('error', reject).end(JSON.stringify(logs));
    });
  };

  await expect(send(plain, {})).rejects.toThrow();
  expect(await send(plain, { ca })).toBe(200);
  await expect(send(mutual, { ca })).rejects.toThrow();
  expect(await send(mutual, { ca, cert, key })).toBe(200);
  for (const { collector } of [plain, mutual]) {
    const archived = await readArchive(collector.archiveFolder);
    expect(archived.map((record) => attribute(record, 'audit.record.id'))).toEqual(ids);
  }
});
