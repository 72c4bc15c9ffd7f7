import { AsyncResource } from 'node:async_hooks';
import { AuditUnavailableError, activeContext, record, withContext } from '@botaudit/api';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  CreateMessageRequestSchema,
  EmptyResultSchema,
  ErrorCode,
  GetPromptRequestSchema,
  ListRootsRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  ResultSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { useBackend } from '../../instrumentation/test/fixture.js';
import { connect, ended, ofRole } from './setup.js';

const backend = useBackend();
const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });

/** What the records of both sides say of how the only request ended. */
function outcomes(): unknown[] {
  return (['client', 'server'] as const).map((role) =>
    ended(ofRole(backend.current.records, role)).map(({ outcome, attributes: of }) =>
      [outcome, of['error.type'], of['mcp.request.cancelled']].filter((value) => value !== undefined),
    ),
  );
}

test('a tool call is recorded before and after, by both sides, in one trace', async () => {
  const { client } = await connect((server) => {
    server.setRequestHandler(CallToolRequestSchema, () => text('3'));
  });
  expect(await client.callTool({ name: 'add', arguments: { a: 'a secret' } })).toEqual(text('3'));
  const calls = backend.current.named('mcp.tool.call');
  expect(calls.map(({ attributes: of, outcome }) => [of['mcp.role'], of['bot.id'], outcome])).toEqual([
    ['client', 'mcp:inspector', 'unknown'],
    ['server', 'mcp:desk', 'unknown'],
    ['server', 'mcp:desk', 'success'],
    ['client', 'mcp:inspector', 'success'],
  ]);
  expect(new Set(calls.map(({ trace }) => trace?.traceId)).size).toBe(1);
  for (const { target, attributes } of calls) {
    expect(target).toEqual({ id: 'mcp:desk/add', type: 'tool' });
    expect(attributes).toMatchObject({ 'gen_ai.tool.name': 'add', 'bot.api.method': 'tools/call' });
  }
  expect(JSON.stringify(backend.current.records)).not.toContain('a secret');
  expect(backend.current.only('bot.started').attributes['bot.id']).toBe('mcp:desk');
  expect(backend.current.errors).toEqual([]);
});

test('what connects and what asks what there is leaves nothing', async () => {
  const { client } = await connect((server) => {
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [] }));
  });
  await client.ping();
  await client.listTools();
  // Started once in a process, by whichever test is first.
  expect(backend.current.names.filter((name) => name !== 'bot.started')).toEqual([]);
});

test('resources, prompts, and requests of a server to its client', async () => {
  const { client, server } = await connect((server) => {
    server.setRequestHandler(ReadResourceRequestSchema, () => ({ contents: [] }));
    server.setRequestHandler(GetPromptRequestSchema, () => ({ messages: [] }));
  });
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    model: 'm',
    role: 'assistant',
    content: { type: 'text', text: 'a secret' },
  }));
  await client.readResource({ uri: 'https://user:a-secret@host/path?token=a-secret#a-secret' });
  await client.getPrompt({ name: 'greet' });
  await server.createMessage({ messages: [], maxTokens: 1 });
  expect(ofRole(backend.current.records, 'client').map(({ name, target }) => [name, target?.id])).toEqual([
    ['mcp.resource.read', 'mcp:desk/https://host/path'],
    ['mcp.prompt.get', 'mcp:desk/greet'],
    ['agent.model.call', undefined],
  ]);
  expect(ofRole(backend.current.records, 'server').map(({ name }) => name)).toEqual([
    'mcp.resource.read',
    'mcp.prompt.get',
    'agent.model.call',
  ]);
  expect(JSON.stringify(backend.current.records)).not.toMatch(/a.secret/);
});

test('a method that nobody foresaw is recorded too, and the table of handlers stays as it was', async () => {
  const { client, server } = await connect((server) => {
    server.fallbackRequestHandler = async ({ method }) => {
      if (method !== 'vendor/do') throw new McpError(ErrorCode.MethodNotFound, 'none');
      return {};
    };
  });
  await client.request({ method: 'vendor/do' } as never, EmptyResultSchema);
  const [sent, served] = [ofRole(backend.current.records, 'client'), ofRole(backend.current.records, 'server')];
  for (const side of [sent, served]) {
    expect(side).toMatchObject([{ name: 'bot.api.call', outcome: 'success' }]);
    expect(side[0]?.attributes['bot.api.method']).toBe('vendor/do');
  }
  const { _requestHandlers: handlers } = server as unknown as { _requestHandlers: Map<string, unknown> };
  expect(handlers.has('vendor/do')).toBe(false);
});

test('a tool that fails resolves, and is a failure', async () => {
  const { client } = await connect((server) => {
    server.setRequestHandler(CallToolRequestSchema, () => ({ ...text('no'), isError: true }));
  });
  await client.callTool({ name: 'add' });
  expect(outcomes()).toEqual([[['failure', 'tool_error']], [['failure', 'tool_error']]]);
});

test('an error is the very same, and its code is recorded', async () => {
  const { client } = await connect((server) => {
    server.setRequestHandler(CallToolRequestSchema, () => {
      throw new McpError(ErrorCode.InvalidParams, 'a secret');
    });
  });
  await expect(client.callTool({ name: 'add' })).rejects.toMatchObject({ code: -32602 });
  expect(outcomes()).toEqual([[['failure', '-32602']], [['failure', '-32602']]]);
  expect(JSON.stringify(backend.current.records)).not.toContain('a secret');
});

/** A server whose tool waits until it is cancelled; with what it does then. */
async function waiting(then: () => unknown) {
  const called = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const connected = await connect((server) => {
    server.setRequestHandler(CallToolRequestSchema, async (_, { signal }) => {
      called.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      try {
        return then() as ReturnType<typeof text>;
      } finally {
        setImmediate(done.resolve);
      }
    });
  });
  return { ...connected, called: called.promise, done: done.promise };
}

const CANCELLED_TOOLS = {
  'gives up': [
    () => {
      throw new Error('aborted');
    },
    ['unknown', 'cancelled', true],
  ],
  'answers that it failed': [() => ({ ...text('no'), isError: true }), ['unknown', 'cancelled', true]],
  'is done all the same': [() => text('done'), ['success', true]],
} as const;

test.for(Object.entries(CANCELLED_TOOLS))('cancelled by its caller, a tool %s', async ([, [then, served]]) => {
  const { client, called, done } = await waiting(then);
  const controller = new AbortController();
  const call = client.callTool({ name: 'wait' }, undefined, { signal: controller.signal });
  await called;
  controller.abort('enough');
  await expect(call).rejects.toThrow('enough');
  await done;
  expect(outcomes()).toEqual([[['unknown', 'cancelled', true]], [served]]);
});

test('a call that is not answered in time is of unknown outcome, and so is one whose connection ends', async () => {
  const { client, called } = await waiting(() => text('late'));
  await expect(client.callTool({ name: 'wait' }, undefined, { timeout: 1 })).rejects.toMatchObject({ code: -32001 });
  await called;
  const call = client.callTool({ name: 'wait' });
  await client.close();
  await expect(call).rejects.toMatchObject({ code: -32000 });
  const sent = ended(ofRole(backend.current.records, 'client'));
  expect(sent.map(({ outcome, attributes }) => [outcome, attributes['error.type']])).toEqual([
    ['unknown', 'timeout'],
    ['unknown', 'connection_closed'],
  ]);
});

test('what was never sent has failed', async () => {
  const { client } = await connect(() => {});
  const signal = AbortSignal.abort(new Error('early'));
  await expect(client.callTool({ name: 'x' }, undefined, { signal })).rejects.toThrow('early');
  await client.close();
  await expect(client.callTool({ name: 'x' })).rejects.toThrow('Not connected');
  expect(outcomes()).toEqual([
    [
      ['failure', 'cancelled', true],
      ['failure', 'not_connected'],
    ],
    [],
  ]);
});

test('work that was begun as a task has no outcome yet', async () => {
  const task = { taskId: 't-1', status: 'working', ttl: 1, createdAt: '', lastUpdatedAt: '' };
  const { client } = await connect((server) => {
    server.fallbackRequestHandler = async () => ({ task });
  });
  await client.request({ method: 'vendor/begin' } as never, ResultSchema);
  for (const { outcome, attributes } of backend.current.named('bot.api.call')) {
    expect([outcome, attributes['mcp.task.id']]).toEqual(['unknown', 't-1']);
  }
});

const IDENTITIES = [
  [{ clientId: 'robot' }, { id: 'mcp:client/robot', type: 'service' }, undefined],
  [{ clientId: 'app', extra: { sub: 'ada' } }, { id: 'mcp:user/ada', type: 'user' }, 'app'],
  [{ clientId: 'app', extra: { userId: 7 } }, { id: 'mcp:user/7', type: 'user' }, 'app'],
  [undefined, { id: 'unknown', type: 'service' }, undefined],
] as const;

test.for(IDENTITIES)('who was authenticated as %j is the actor', async ([auth, actor, through]) => {
  const { client } = await connect((server) => {
    server.setRequestHandler(CallToolRequestSchema, () => {
      record({ name: 'payment.transfer', action: 'TRANSFER', outcome: 'success' });
      return text('done');
    });
  }, auth);
  // What a client claims in a request is nobody's identity.
  await client.callTool({ name: 'pay', _meta: { user: 'root', authInfo: { clientId: 'root' } } });
  const served = ofRole(backend.current.records, 'server');
  for (const one of served) expect([one.actor, one.attributes['mcp.client.id']]).toEqual([actor, through]);
  const caused = backend.current.only('payment.transfer');
  expect(caused.actor).toEqual(actor);
  expect(caused.attributes['bot.trigger.record_id']).toBe(served[0]?.id);
  expect(JSON.stringify(backend.current.records)).not.toMatch(/root|secret-token/);
});

test('what must not happen unrecorded does not: the tool is not run, and the client is told', async () => {
  let runs = 0;
  const { client } = await connect((server) => {
    server.setRequestHandler(CallToolRequestSchema, () => {
      runs++;
      return text('done');
    });
  });
  backend.current.policy['mcp.tool.call'] = { failClosed: true };
  backend.current.unavailable = true;
  await expect(client.callTool({ name: 'pay' })).rejects.toBeInstanceOf(AuditUnavailableError);
  const { decide } = backend.current;
  // As where the client is another process, which audits nothing.
  backend.current.decide = (query) => ({ ...decide.call(backend.current, query), failClosed: runs === 0 });
  const raw = client.transport as unknown as { send(message: object): Promise<void> };
  const answered = Promise.withResolvers<unknown>();
  const transport = client.transport as unknown as { onmessage(message: unknown): void };
  transport.onmessage = answered.resolve;
  await raw.send({ jsonrpc: '2.0', id: 99, method: 'tools/call', params: { name: 'pay' } });
  const message = 'Refused, since it could not be put on record';
  expect(await answered.promise).toMatchObject({ id: 99, error: { code: ErrorCode.InternalError, message } });
  expect(runs).toBe(0);
});

test('what comes in over a connection is not done in the name of whoever it was made for', async () => {
  const client = new Client({ name: 'lazy', version: '1' }, { capabilities: { roots: {} } });
  const [clientTransport, serverTransport] = InMemoryTransport.createLinkedPair();
  // As of a process or a socket, the messages come in the context in which it was started.
  const start = clientTransport.start.bind(clientTransport);
  let connection: AsyncResource | undefined;
  clientTransport.start = () => {
    connection = new AsyncResource('connection');
    return start();
  };
  const receive = (method: string, id?: number) => {
    const message = { jsonrpc: '2.0', method, ...(id !== undefined && { id }) } as const;
    return clientTransport.onmessage?.(message);
  };
  const changed: unknown[] = [];
  const asked: unknown[] = [];
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void changed.push(activeContext()?.actor?.id));
  client.setRequestHandler(ListRootsRequestSchema, () => {
    asked.push(activeContext()?.actor?.id);
    return { roots: [] };
  });
  const [ada, bob] = [1, 2].map((id) => ({ actor: { id: `telegram:${id}`, type: 'user' } as const }));
  await new Server({ name: 'desk', version: '1' }, { capabilities: {} }).connect(serverTransport);
  await withContext(ada ?? {}, () => client.connect(clientTransport));
  connection?.runInAsyncScope(() => receive('notifications/tools/list_changed'));
  connection?.runInAsyncScope(() => receive('roots/list', 7));
  // Some transports have a connection for each request: what comes in over that belongs to it.
  withContext(bob ?? {}, () => receive('notifications/tools/list_changed'));
  await client.ping();
  expect(changed).toEqual([undefined, 'telegram:2']);
  expect(asked).toEqual([undefined]);
  await client.close();
});
