import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { useBackend } from '../../instrumentation/test/fixture.js';
import { ForeignInstrumentation } from '../../instrumentation/test/foreign-instrumentation.js';
import { audit } from './setup.js';

const backend = useBackend();
const require = createRequire(import.meta.url);

interface Sdk {
  readonly Protocol: { readonly prototype: object };
  readonly Server: typeof import('@modelcontextprotocol/sdk/server/index.js').Server;
  readonly Client: typeof import('@modelcontextprotocol/sdk/client/index.js').Client;
  readonly InMemoryTransport: typeof import('@modelcontextprotocol/sdk/inMemory.js').InMemoryTransport;
  readonly CallToolRequestSchema: typeof import('@modelcontextprotocol/sdk/types.js').CallToolRequestSchema;
}

/** A copy of the CommonJS files that nobody has touched. */
function freshSdk(name: string): Sdk {
  const folder = dirname(require.resolve(`${name}/inMemory.js`));
  for (const path of Object.keys(require.cache)) if (path.startsWith(folder)) delete require.cache[path];
  return Object.assign(
    {},
    ...['shared/protocol', 'server/index', 'client/index', 'inMemory', 'types'].map((file) =>
      require(join(folder, `${file}.js`)),
    ),
  );
}

async function callOnce({ Server, Client, InMemoryTransport, CallToolRequestSchema }: Sdk): Promise<unknown> {
  const server = new Server({ name: 'desk', version: '1' }, { capabilities: { tools: {} } });
  server.setRequestHandler(CallToolRequestSchema, () => ({ content: [] }));
  const client = new Client({ name: 'inspector', version: '1' }, { capabilities: {} });
  const [mine, theirs] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(theirs), client.connect(mine)]);
  const result = await client.callTool({ name: 'add' });
  await client.close();
  return result;
}

const COPIES = ['@modelcontextprotocol/sdk', 'mcp-sdk-oldest'];
const CASES = COPIES.flatMap((name) => [true, false].map((first) => ({ name, order: first ? 'before' : 'after' })));

test.for(CASES)(
  '$name: another instrumentation that wraps the same methods $order us works, and so do we',
  async (given) => {
    const sdk = freshSdk(given.name);
    const other = new ForeignInstrumentation();
    const wrap = () => {
      other.wrap(sdk.Protocol.prototype, 'request', ([request]) => (request as { method: string }).method);
      other.wrap(sdk.Protocol.prototype, '_onrequest');
    };
    if (given.order === 'before') wrap();
    audit(sdk);
    if (given.order === 'after') wrap();
    audit(sdk);
    expect(await callOnce(sdk)).toMatchObject({ content: [] });
    expect(other.calls).toEqual(['initialize', '_onrequest', 'tools/call', '_onrequest']);
    expect(backend.current.named('mcp.tool.call').map(({ outcome }) => outcome)).toEqual([
      'unknown',
      'unknown',
      'success',
      'success',
    ]);
    expect(backend.current.errors).toEqual([]);
  },
);
