import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect, test } from 'vitest';
import { freePorts } from '../../scripts/stack/ports.ts';
import { eventually } from '../support/eventually.ts';
import { BotRun, type BotRunOptions, fixture, runToEnd } from './support/bot-run.ts';
import { everyFile, leaksIn } from './support/leaks.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { unwritable } from './support/unwritable.ts';
import { besideOldest } from './support/versions.ts';

/** A server over Streamable HTTP, and a client that is connected to it. */
async function startServer(options: BotRunOptions) {
  const server = await BotRun.start(fixture('mcp/server.mjs'), { args: ['http'], ...options });
  await server.while(once(server.child.stdout as NodeJS.ReadableStream, 'data'));
  const transport = new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${server.stdout.trim()}/`), {
    requestInit: { headers: { authorization: 'Bearer of-robot' } },
  });
  const client = new Client({ name: 'desk', version: '1.0.0' });
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return { server, client, session: transport.sessionId ?? '' };
}

test('neither a token, nor the id of a session, nor what is sent is in any byte that comes out of auditing', async () => {
  const key = `sk-${'0123456789abcdef'.repeat(3)}`;
  const [port] = await freePorts(1);
  const metrics = `127.0.0.1:${port}`;
  const { server, client, session } = await startServer({ env: { BOTAUDIT_METRICS: metrics, SERVICE_API_KEY: key } });
  await client.callTool({ name: 'add', arguments: { a: 1, b: 2, key }, _meta: { 'com.example/token': key } });
  await client.callTool({ name: 'fail', arguments: { key } });
  await client.readResource({ uri: 'note://user:hunter2@shelf/today' });
  await client.readResource({ uri: `https://host/${key}?token=hunter2` }).catch(() => {});
  await client.getPrompt({ name: 'greet', arguments: { who: 'Ada Lovelace' } });
  const served = await eventually('metrics served', () =>
    fetch(`http://${metrics}/metrics`).then(
      (response) => response.text(),
      () => undefined,
    ),
  );
  expect(served).toContain('audit_events_total');
  await client.close();
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  const records = await readRecords(server.directory);
  expectChained(records);
  expect(ofEvent(records, 'mcp.resource.read')).toHaveLength(2);
  expect(session).not.toBe('');
  const outputs = await everyFile(server.cwd);
  outputs.set('stdout', server.stdout).set('stderr', server.stderr).set('metrics', served);
  expect(leaksIn(outputs, [key, session, 'of-robot', 'hunter2', 'Lovelace', 'milk', 'The disk'])).toEqual([]);
});

test('the user whom an authenticated client claims acts by its word alone, where that is asked for', async () => {
  const { server, client } = await startServer({ env: { BOTAUDIT_MCP_CLAIMED_USER: 'com.example/user' } });
  await client.callTool({ name: 'add', arguments: { a: 1, b: 2 }, _meta: { 'com.example/user': 'ada' } });
  await client.close();
  await server.end('SIGTERM');
  const calls = ofEvent(await readRecords(server.directory), 'mcp.tool.call');
  expect(calls).toHaveLength(2);
  for (const { attributes } of calls) {
    expect(attributes).toMatchObject({
      'audit.actor.id': 'mcp:user/ada',
      'bot.actor.assurance': 'peer',
      'mcp.client.id': 'robot',
      'mcp.user.claimed': 'ada',
    });
  }
});

test('a tool that may not run unrecorded is not run, and the client is told', async () => {
  const { server, client } = await startServer(await unwritable('{ event: mcp.tool.call, fail_closed: true }'));
  expect(await client.callTool({ name: 'fail' }).catch((error: unknown) => error)).toMatchObject({
    code: -32603,
    message: 'MCP error -32603: Refused, since it could not be put on record',
  });
  expect((await client.getPrompt({ name: 'greet', arguments: { who: 'Ada' } })).messages).toHaveLength(1);
  await client.close();
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(server.stderr).toContain('WHAT FAILS CLOSED WILL NOT HAPPEN');
});

test.for(['mjs', 'cjs'])('a version that is not supported runs as ever, and that is said once (%s)', async (system) => {
  const file = await besideOldest('mcp-sdk', `mcp/in-memory.${system}`, '@modelcontextprotocol/sdk');
  const manifest = join(dirname(file), 'node_modules/@modelcontextprotocol/sdk/package.json');
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('"version": "1.10.0"', '"version": "1.9.0"'));
  const { exit, stdout, stderr, directory } = await runToEnd(file);
  expect([exit.code, stdout]).toEqual([0, '{"content":[{"type":"text","text":"3"}]}\n']);
  expect(stderr.match(/mcp 1\.9\.0 is not among the supported versions, IT IS NOT AUDITED/g)).toHaveLength(1);
  expect(ofEvent(await readRecords(directory), 'mcp.tool.call')).toEqual([]);
});
