import { readTraceparent, withTraceparent } from '@botaudit/platform-mcp';
import { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { useBackend } from '../../instrumentation/test/fixture.js';
import { connect, ofRole } from './setup.js';

const backend = useBackend();
const TRACE = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

const VALID = {
  [`00-${TRACE.traceId}-${TRACE.spanId}-01`]: 1,
  [`00-${TRACE.traceId}-${TRACE.spanId}-00`]: 0,
  [`cc-${TRACE.traceId}-${TRACE.spanId}-03-later`]: 3,
};

test.for(Object.entries(VALID))('%s is read', ([traceparent, traceFlags]) => {
  expect(readTraceparent({ params: { _meta: { traceparent } } })).toEqual({ ...TRACE, traceFlags });
});

const INVALID = [
  `ff-${TRACE.traceId}-${TRACE.spanId}-01`,
  `00-${'0'.repeat(32)}-${TRACE.spanId}-01`,
  `00-${TRACE.traceId}-${'0'.repeat(16)}-01`,
  `00-${TRACE.traceId.toUpperCase()}-${TRACE.spanId}-01`,
  `00-${TRACE.traceId}-${TRACE.spanId}-011`,
  ` 00-${TRACE.traceId}-${TRACE.spanId}-01`,
  '',
  7,
  { toString: () => `00-${TRACE.traceId}-${TRACE.spanId}-01` },
];

test.for(INVALID)('%j is not taken for a trace', (traceparent) => {
  expect(readTraceparent({ params: { _meta: { traceparent } } })).toBeUndefined();
});

test('it is put into a copy, beside what is there', () => {
  const request = Object.freeze({
    method: 'tools/call',
    params: Object.freeze({ name: 'add', _meta: Object.freeze({ progressToken: 1 }) }),
  });
  expect(withTraceparent(request, TRACE)).toEqual({
    method: 'tools/call',
    params: { name: 'add', _meta: { progressToken: 1, traceparent: `00-${TRACE.traceId}-${TRACE.spanId}-01` } },
  });
  expect(withTraceparent({ method: 'x' }, { ...TRACE, traceFlags: 0 })).toEqual({
    method: 'x',
    params: { _meta: { traceparent: `00-${TRACE.traceId}-${TRACE.spanId}-00` } },
  });
});

test('a request that says already where it comes from is left as it is', async () => {
  const seen: unknown[] = [];
  const { client } = await connect((server) => {
    server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
      seen.push(params._meta);
      return { content: [] };
    });
  });
  const own = { traceparent: `00-${TRACE.traceId}-${TRACE.spanId}-01` };
  await client.callTool({ name: 'add', _meta: own });
  expect(seen).toEqual([own]);
  for (const { trace } of ofRole(backend.current.records, 'server')) expect(trace).toEqual({ ...TRACE, traceFlags: 1 });
});

test('progress is told as ever', async () => {
  const { client } = await connect((server) => {
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, { sendNotification }) => {
      const progressToken = params._meta?.progressToken as number;
      await sendNotification({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
      return { content: [] };
    });
  });
  const progress: unknown[] = [];
  const params = { name: 'add' };
  await client.callTool(params, undefined, { onprogress: (one) => progress.push(one) });
  expect(progress).toEqual([{ progress: 1 }]);
  expect(params).toEqual({ name: 'add' });
  expect(new Set(backend.current.named('mcp.tool.call').map(({ trace }) => trace?.traceId)).size).toBe(1);
});
