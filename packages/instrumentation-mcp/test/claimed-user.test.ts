import { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { beforeEach, expect, test } from 'vitest';
import { useBackend } from '../../instrumentation/test/fixture.js';
import { connect, ofRole } from './setup.js';

const backend = useBackend();
const KEY = 'com.example/user';

beforeEach(() => {
  backend.current.claimedUserKey = KEY;
});

const CASES = [
  ['nobody is authenticated', undefined, { id: 'unknown', type: 'service', assurance: 'peer' }, undefined],
  ['a client is', { clientId: 'app' }, { id: 'mcp:user/ada', type: 'user', assurance: 'peer' }, 'app'],
  ['a user is', { clientId: 'app', extra: { sub: 'bob' } }, { id: 'mcp:user/bob', type: 'user' }, 'app'],
] as const;

test.for(CASES)('where %s, the user that a client claims is recorded as claimed', async ([, auth, actor, client]) => {
  const connected = await connect((server) => {
    server.setRequestHandler(CallToolRequestSchema, () => ({ content: [] }));
  }, auth);
  await connected.client.callTool({ name: 'add', _meta: { [KEY]: 'ada', 'com.example/other': 'mallory' } });
  const served = ofRole(backend.current.records, 'server');
  expect(served).toHaveLength(2);
  for (const { actor: of, attributes } of served) {
    expect(of).toEqual(actor);
    expect(attributes).toMatchObject({ 'mcp.user.claimed': 'ada', ...(client && { 'mcp.client.id': client }) });
  }
  expect(JSON.stringify(backend.current.records)).not.toContain('mallory');
});
