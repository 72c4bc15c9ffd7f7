import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CreateMessageRequestSchema, ElicitRequestSchema, McpError } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { freePorts } from '../../scripts/stack/ports.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { BotRun, REGISTER } from './support/bot-run.ts';
import { expectChained, type PlainRecord, readRecords } from './support/records.ts';

/** A server that nobody here wrote, as it is installed. */
const installed = (name: string): string =>
  fileURLToPath(new URL(`../../node_modules/@modelcontextprotocol/server-${name}/dist/index.js`, import.meta.url));

/** What a tool is called with; one that is not named here is called with nothing, which most refuse. */
type Arguments = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const EVERYTHING: Arguments = {
  echo: { message: 'a secret' },
  'get-sum': { a: 1, b: 2 },
  'simulate-research-query': { topic: 'a secret' },
  'get-structured-content': { location: 'Chicago' },
  'get-annotated-message': { messageType: 'error' },
  'trigger-long-running-operation': { duration: 0.1, steps: 2 },
  'trigger-sampling-request': { prompt: 'a secret' },
  'gzip-file-as-resource': { name: 'x.gz', data: 'data:text/plain,a%20secret' },
};

/** How a request ended for its client: `success`, `failure`, or `unknown` where that is not known yet. */
type Sent = readonly [event: string, target: string, outcome: string];

const outcomeOf = (request: Promise<Readonly<Record<string, unknown>>>): Promise<string> =>
  request.then(
    ({ isError }) => (isError === true ? 'failure' : 'success'),
    (error) => {
      expect(error).toBeInstanceOf(McpError);
      return 'failure';
    },
  );

/** A task is only begun by its call; its result is asked for later. */
async function outcomeOfTask(client: Client, call: { readonly name: string }): Promise<string> {
  const types: string[] = [];
  for await (const { type } of client.experimental.tasks.callToolStream(call)) types.push(type);
  expect([types[0], types.at(-1)]).toEqual(['taskCreated', 'result']);
  return 'unknown';
}

/** Uses all that a server offers, one after the other. */
async function useAll(transport: Transport, server: string, tools: Arguments): Promise<Sent[]> {
  const client = new Client({ name: 'tester', version: '1.0.0' }, { capabilities: { sampling: {}, elicitation: {} } });
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    model: 'none',
    role: 'assistant',
    content: { type: 'text', text: 'a secret' },
  }));
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'decline' }));
  await client.connect(transport);
  const sent: Sent[] = [];
  for (const { name, execution } of (await client.listTools()).tools) {
    const call = { name, arguments: tools[name] ?? {} };
    const isTask = execution?.taskSupport === 'required';
    const outcome = isTask ? await outcomeOfTask(client, call) : await outcomeOf(client.callTool(call));
    sent.push(['mcp.tool.call', `mcp:${server}/${name}`, outcome]);
  }
  const { resources = [], prompts = [] } = {
    ...(client.getServerCapabilities()?.resources && (await client.listResources())),
    ...(client.getServerCapabilities()?.prompts && (await client.listPrompts())),
  };
  for (const { uri } of resources) {
    sent.push(['mcp.resource.read', `mcp:${server}/${uri}`, await outcomeOf(client.readResource({ uri }))]);
  }
  for (const { name } of prompts) {
    sent.push(['mcp.prompt.get', `mcp:${server}/${name}`, await outcomeOf(client.getPrompt({ name }))]);
  }
  await client.close();
  return sent;
}

/** What clients asked for, as it was recorded: each with one record of the outcome, tool calls with an attempt before. */
function expectComplete(records: readonly PlainRecord[], sent: readonly Sent[]): void {
  expectChained(records);
  const asked = records.filter(({ event }) => /^mcp\.(tool|resource|prompt)\./.test(event));
  const ended = asked.filter(({ attributes }) => attributes['bot.action.stage'] !== 'attempt');
  const told = ended.map(({ event, attributes: of }) => [event, of['audit.target.id'], of['audit.outcome']]);
  expect(told).toEqual(sent);
  const calls = sent.filter(([event]) => event === 'mcp.tool.call').length;
  expect(asked.length - ended.length).toBe(calls);
  expect(records.map(({ line }) => line).filter((line) => /a(%20| )secret/.test(line))).toEqual([]);
}

const SERVERS = {
  everything: { id: 'mcp-servers/everything', tools: EVERYTHING },
  filesystem: {
    id: 'secure-filesystem-server',
    tools: { list_directory: { path: 'FOLDER' }, read_text_file: { path: 'FOLDER/a.txt' }, write_file: {} },
  },
  memory: { id: 'memory-server', tools: { create_entities: { entities: [] }, read_graph: {}, search_nodes: {} } },
} as const;

test.for(Object.entries(SERVERS))('server-%s over stdio: all that it is asked for is recorded', async ([name, of]) => {
  const cwd = await temporaryFolder();
  const directory = join(cwd, 'journal');
  const folder = join(cwd, 'files');
  await mkdir(folder);
  await writeFile(join(folder, 'a.txt'), 'a secret');
  const tools = JSON.parse(JSON.stringify(of.tools).replaceAll('FOLDER', folder)) as Arguments;
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ['--import', REGISTER, installed(name), ...(name === 'filesystem' ? [folder] : [])],
    env: {
      PATH: process.env.PATH ?? '',
      BOTAUDIT_DIR: directory,
      BOTAUDIT_METRICS: 'off',
      MEMORY_FILE_PATH: join(cwd, 'memory.json'),
    },
    cwd,
    stderr: 'ignore',
  });
  const sent = await useAll(transport, of.id, tools);
  expect(sent.filter(([, , outcome]) => outcome === 'success').length).toBeGreaterThan(1);
  const records = await readRecords(directory);
  expectComplete(records, sent);
  if (name !== 'everything') return;
  // What its tools ask the client for is caused by the tools.
  const sampled = records.find(({ event }) => event === 'agent.model.call');
  const cause = records.find(
    ({ attributes: of }) => of['audit.record.id'] === sampled?.attributes['bot.trigger.record_id'],
  );
  expect(cause?.attributes['gen_ai.tool.name']).toBe('trigger-sampling-request');
});

const TRANSPORTS = {
  sse: (address: string) => new SSEClientTransport(new URL('/sse', address)),
  streamableHttp: (address: string) => new StreamableHTTPClientTransport(new URL('/mcp', address)) as Transport,
};

test.for(Object.entries(TRANSPORTS))(
  'server-everything over %s: all that it is asked for is recorded',
  async (given) => {
    const [name, transportTo] = given;
    const [port] = await freePorts(1);
    const address = `http://127.0.0.1:${port}`;
    const server = await BotRun.start(installed('everything'), { args: [name], env: { PORT: `${port}` } });
    await server.while(eventually('an answer', () => fetch(address).then(Boolean, () => undefined)));
    const sent = await useAll(transportTo(address), SERVERS.everything.id, EVERYTHING);
    await server.end('SIGTERM');
    expectComplete(await readRecords(server.directory), sent);
  },
);
