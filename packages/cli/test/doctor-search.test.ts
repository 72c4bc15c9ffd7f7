import { writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folder, found } from './support/doctor.js';

/** What answers in the place of Elasticsearch. The real one is asked in test/stack. */
let server: Server;
let url: string;
let answers: { status: number; body: string }[];
const asked: { path: string | undefined; headers: IncomingHttpHeaders; body: string }[] = [];

const hits = (value: number) => ({ status: 200, body: JSON.stringify({ hits: { total: { value } } }) });

beforeEach(async () => {
  asked.length = 0;
  server = createServer(async (request, response) => {
    asked.push({ path: request.url, headers: request.headers, body: await text(request) });
    const { status, body } = (answers.length > 1 ? answers.shift() : answers[0])!;
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function search(env: NodeJS.ProcessEnv = {}, args: readonly string[] = []) {
  const { code, checks } = await found({ args: ['--elasticsearch', url, ...args], env });
  const [, id = ''] = /^record (\S+),/.exec(checks.get('canary: write')?.detail ?? '') ?? [];
  return { code, id, configuration: checks.get('configuration'), check: checks.get('canary: search') };
}

test('waits until that very record is found, with a key from a file', async () => {
  answers = [{ status: 503, body: '' }, hits(0), hits(1)];
  writeFileSync(join(folder, 'key'), 'bGV0IG1lIGlu\n');
  const { code, id, check, configuration } = await search({ BOTAUDIT_ELASTICSEARCH_API_KEY_FILE: join(folder, 'key') });
  expect(code).toBe(0);
  expect(check?.status).toBe('ok');
  expect(configuration?.status).toBe('ok');
  expect(asked).toHaveLength(3);
  for (const { path, headers, body } of asked) {
    expect(path).toBe('/logs-audit.otel-*/_search?ignore_unavailable=true');
    expect(headers.authorization).toBe('ApiKey bGV0IG1lIGlu');
    expect(JSON.parse(body).query).toEqual({ term: { 'attributes.audit.record.id': id } });
  }
});

test('says that it was not found in time', async () => {
  answers = [hits(0)];
  const { code, check } = await search({}, ['--timeout', '1s']);
  expect(code).toBe(1);
  expect(check).toMatchObject({ status: 'failed', detail: 'not found within 1 s' });
  expect(check?.next).toContain('is the indexer running?');
});

test('says that it may not look, at once, and shows no password', async () => {
  answers = [{ status: 401, body: '{}' }];
  const env = { BOTAUDIT_ELASTICSEARCH_USERNAME: 'auditor', BOTAUDIT_ELASTICSEARCH_PASSWORD: 'hunter2hunter2' };
  const { code, check } = await search(env, ['--timeout', '10m']);
  expect(code).toBe(1);
  expect(asked[0]?.headers.authorization).toBe(`Basic ${btoa('auditor:hunter2hunter2')}`);
  expect(check).toMatchObject({ status: 'failed', detail: 'HTTP 401' });
  expect(JSON.stringify(check)).not.toContain('hunter2');
});

test('says that something else answers', async () => {
  answers = [{ status: 200, body: '<html>Welcome</html>' }];
  const { check } = await search();
  expect(check).toMatchObject({ status: 'failed', detail: 'HTTP 200, and no answer of Elasticsearch' });
});
