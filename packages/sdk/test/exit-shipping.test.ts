import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { names, onlyStreamIn } from './journal-of.js';

const FIXTURE = fileURLToPath(new URL('./fixtures/ending.mjs', import.meta.url));

let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'botaudit-exit-shipping-'));
});
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});

/** A receiver that takes what it is sent, or never answers. Gives its address. */
async function receiver(take: ((body: string) => void) | 'nothing'): Promise<string> {
  server = createServer(async (request, response) => {
    if (take === 'nothing') return;
    let body = '';
    for await (const chunk of request) body += chunk;
    take(body);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function run(ending: string, endpoint: string) {
  const child = spawn(process.execPath, [FIXTURE, ending], {
    env: {
      PATH: process.env.PATH,
      AUDITED: '1',
      BOTAUDIT_DIR: folder,
      BOTAUDIT_METRICS: 'off',
      OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_AUDIT_PROTOCOL: 'http/json',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const started = performance.now();
  const [code] = await once(child, 'close');
  return { code, stderr, ms: performance.now() - started };
}

it('the end waits for what was done last to be acknowledged', async () => {
  const received: string[] = [];
  const endpoint = await receiver((body) => {
    for (const { eventName } of JSON.parse(body).resourceLogs.flatMap(
      (each: { scopeLogs: { logRecords: { eventName: string }[] }[] }) =>
        each.scopeLogs.flatMap((scope) => scope.logRecords),
    )) {
      received.push(eventName);
    }
  });
  const { code, stderr } = await run('exit3', endpoint);
  expect(code).toBe(3);
  expect(received.filter((name) => name !== 'audit.checkpoint')).toEqual(names(onlyStreamIn(folder)));
  expect(received.at(-1)).toBe('audit.checkpoint');
  expect(stderr).toContain(`from there they are sent to ${endpoint}/v1/audit`);
});

it('the end waits no longer than it may for a receiver that does not answer', async () => {
  const endpoint = await receiver('nothing');
  const [{ ms: fast }, { ms, code }] = [await run('unused', endpoint), await run('exit3', endpoint)];
  expect(code).toBe(3);
  expect(ms - fast).toBeLessThan(3_000);
  expect(names(onlyStreamIn(folder)).at(-1)).toBe('audit.stream.closed');
});
