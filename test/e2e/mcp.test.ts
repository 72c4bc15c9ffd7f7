import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { BotRun, fixture, REGISTER, runToEnd } from './support/bot-run.ts';
import { botaudit } from './support/cli.ts';
import { noteFigures } from './support/figures.ts';
import { expectChained, ofEvent, type PlainRecord, readRecords } from './support/records.ts';
import { besideOldest } from './support/versions.ts';

const VERSIONS = {
  newest: async (file: string) => fixture(`mcp/${file}`),
  oldest: (file: string) => besideOldest('mcp-sdk', `mcp/${file}`, '@modelcontextprotocol/sdk'),
};

const CASES = (['newest', 'oldest'] as const).flatMap((version) =>
  ['mjs', 'cjs'].map((system) => ({ version, system, find: VERSIONS[version] })),
);

/** What the client of these tests does: what each request is, of what, and how it ends for the server. */
const STORY = [
  ['mcp.tool.call', 'mcp:notes/add', 'success', undefined],
  ['mcp.tool.call', 'mcp:notes/fail', 'failure', 'tool_error'],
  ['mcp.tool.call', 'mcp:notes/no-such-tool', 'failure', expect.stringMatching(/^(tool_error|-32602)$/)],
  ['mcp.resource.read', 'mcp:notes/note://shelf/today', 'success', undefined],
  ['mcp.prompt.get', 'mcp:notes/greet', 'success', undefined],
  ['mcp.tool.call', 'mcp:notes/slow', 'unknown', 'cancelled'],
  ['mcp.tool.call', 'mcp:notes/slow', 'unknown', 'cancelled'],
  ['mcp.tool.call', 'mcp:notes/add', 'success', undefined],
] as const;

function ofRole(records: readonly PlainRecord[], role: 'client' | 'server'): PlainRecord[] {
  return records.filter(({ attributes }) => attributes['mcp.role'] === role);
}

/** What a record says of an action. */
function told({ event, attributes: of }: PlainRecord): unknown[] {
  return [event, of['audit.target.id'], of['audit.outcome'], of['error.type']];
}

const isAttempt = ({ attributes }: PlainRecord): boolean => attributes['bot.action.stage'] === 'attempt';
const byTime = (a: PlainRecord, b: PlainRecord): number => (a.observed < b.observed ? -1 : 1);

/** Fails unless both sides have recorded the whole story once, tool calls in two stages, in shared traces. */
function expectStory(records: readonly PlainRecord[], actor: string): void {
  expectChained(records);
  const sides = { client: ofRole(records, 'client').sort(byTime), server: ofRole(records, 'server').sort(byTime) };
  const ended = {
    client: sides.client.filter((r) => !isAttempt(r)),
    server: sides.server.filter((r) => !isAttempt(r)),
  };
  const gist = (lines: readonly (readonly unknown[])[]) => lines.map(([event, target]) => `${event} ${target}`);
  noteFigures(gist([...STORY, ...STORY]), gist([...ended.client, ...ended.server].map(told)), records);
  expect(ended.server.map(told).sort()).toEqual(STORY.toSorted());
  const seen = STORY.map((line, index) => (index === 5 ? [...line.slice(0, 3), 'timeout'] : [...line]));
  expect(ended.client.map(told)).toEqual(seen);
  for (const { attributes } of ended.server) expect(attributes['audit.actor.id']).toBe(actor);
  for (const { attributes } of ended.client) expect(attributes['audit.actor.id']).toBe('service:unknown_service:node');
  for (const side of [sides.client, sides.server]) {
    const attempts = side.filter(isAttempt);
    expect(attempts).toHaveLength(STORY.filter(([event]) => event === 'mcp.tool.call').length);
    for (const { attributes: attempt } of attempts) {
      const [outcome, ...others] = side.filter(
        ({ attributes }) => attributes['bot.action.attempt.record_id'] === attempt['audit.record.id'],
      );
      expect(others).toEqual([]);
      expect(outcome?.attributes['bot.action.arguments_hash']).toBe(attempt['bot.action.arguments_hash']);
    }
  }
  const traces = (side: readonly PlainRecord[]): Set<unknown> => new Set(side.map(({ traceId }) => traceId));
  expect(traces(sides.server)).toEqual(traces(sides.client));
  expect(traces(sides.client).size).toBe(STORY.length);
  expect(records.map(({ line }) => line).filter((line) => /hunter2|milk|Ada|of-alice/.test(line))).toEqual([]);
}

/** The environment of a client that gives the flag to the server that it starts. */
const PASSED_ON = { SERVER_OPTIONS: `--import=${REGISTER}` };

test.for(CASES)('stdio: both sides are audited whole ($version, $system)', async ({ system, find }) => {
  const server = await find(`server.${system}`);
  const client = await find(`client.${system}`);
  const directory = `${await temporaryFolder()}/journal`;
  const under = await runToEnd(client, { args: [server], directory, env: PASSED_ON });
  const without = await runToEnd(client, { args: [server], nodeOptions: [] });
  expect([under.exit, under.stdout]).toEqual([without.exit, without.stdout]);
  expect(under.stderr.replace(/^botaudit: (records go to|made a key) .*\n/gm, '')).toBe(without.stderr);

  const records = await readRecords(directory);
  expectStory(records, 'unknown');
  expect(ofEvent(records, 'bot.started').map(({ attributes }) => attributes['bot.id'])).toEqual(['mcp:notes']);
  expect((await botaudit('verify', directory)).stdout).toContain('consistent');
});

test.for(CASES)('Streamable HTTP: who was authenticated is the actor ($version, $system)', async (given) => {
  const { version, system, find } = given;
  const directory = `${await temporaryFolder()}/journal`;
  const server = await BotRun.start(await find(`server.${system}`), { args: ['http'], directory });
  await server.while(once(server.child.stdout as NodeJS.ReadableStream, 'data'));
  const address = `http://127.0.0.1:${server.stdout.trim()}/`;
  const options = { args: [address, 'of-alice'], directory };
  const client = await runToEnd(await find(`client.${system}`), options);
  expect(client.exit).toEqual({ code: 0, signal: null });
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  const records = await readRecords(directory);
  // The first versions tell handlers of nobody over this transport.
  expectStory(records, version === 'oldest' ? 'unknown' : 'mcp:user/alice');
  for (const { attributes } of version === 'oldest' ? [] : ofRole(records, 'server')) {
    expect(attributes).toMatchObject({ 'audit.actor.type': 'user', 'mcp.client.id': 'inspector' });
  }
});

/** What a client says that speaks the protocol by itself; nothing is awaited in between. */
const SAID = [
  {
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  },
  { method: 'notifications/initialized' },
  { id: 1, method: 'tools/list' },
  { id: 2, method: 'tools/call', params: { name: 'add', arguments: { a: 1, b: 2 } } },
  { id: 3, method: 'tools/call', params: { name: 'fail' } },
  { id: 4, method: 'no/such-method' },
];

test.for(CASES)('stdout is the protocol’s, byte for byte ($version, $system)', async ({ system, find }) => {
  const file = await find(`server.${system}`);
  const cwd = await temporaryFolder();
  const input = SAID.map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`).join('');
  const answers = [[], ['--import', REGISTER]].map((flags) => {
    const env = { PATH: process.env.PATH, BOTAUDIT_DIR: `${cwd}/journal`, BOTAUDIT_METRICS: 'off' };
    return spawnSync(process.execPath, [...flags, file], { cwd, env, input, encoding: 'utf8' }).stdout;
  });
  expect(answers[1]).toBe(answers[0]);
  expect(answers[0]?.trim().split('\n')).toHaveLength(5);
  expect(ofRole(await readRecords(`${cwd}/journal`), 'server')).toHaveLength(4);
});

const TSX = import.meta.resolve('tsx');
const OTEL = import.meta.resolve('@opentelemetry/auto-instrumentations-node/register');
const OTEL_HOOK = fixture('mcp/otel-hook.mjs');

interface Way {
  readonly nodeOptions: readonly string[];
  /** What the bot's file is given to. */
  readonly by?: string;
}

/** Ways to be audited. */
const WAYS: Readonly<Record<string, Way>> = {
  'by the flag': { nodeOptions: ['--import', REGISTER] },
  'through tsx': { nodeOptions: ['--import', REGISTER, '--import', TSX] },
  'through tsx, the flag last': { nodeOptions: ['--import', TSX, '--import', REGISTER] },
  'beside OpenTelemetry': { nodeOptions: ['--import', REGISTER, '--import', OTEL] },
  'beside OpenTelemetry, the flag last': { nodeOptions: ['--import', OTEL, '--import', REGISTER] },
  'registered by code': { nodeOptions: [], by: 'mcp/by-code.mjs' },
  "registered by code, with OpenTelemetry's loader": { nodeOptions: ['--import', OTEL_HOOK], by: 'mcp/by-code.mjs' },
};

const IN_MEMORY = Object.entries(WAYS).flatMap(([way, of]) =>
  CASES.filter(({ version }) => way === 'by the flag' || version === 'newest').map((given) => ({
    ...given,
    way,
    ...of,
  })),
);

const QUIET = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };

test.for(IN_MEMORY)('in memory: both sides are audited ($version, $system, $way)', async (given) => {
  const { system, find, nodeOptions, by } = given;
  const file = await find(`in-memory.${system}`);
  const run = await runToEnd(by ? fixture(by) : file, { nodeOptions, args: by ? [file] : [], env: QUIET });
  expect([run.exit.code, run.stdout]).toEqual([0, '{"content":[{"type":"text","text":"3"}]}\n']);
  const records = ofEvent(await readRecords(run.directory), 'mcp.tool.call');
  expect(records.map(({ attributes: of }) => [of['mcp.role'], of['audit.outcome']])).toEqual([
    ['client', 'unknown'],
    ['server', 'unknown'],
    ['server', 'success'],
    ['client', 'success'],
  ]);
  expect(new Set(records.map(({ traceId }) => traceId)).size).toBe(1);
});
