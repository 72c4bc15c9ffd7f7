import { patchModule } from '@botaudit/instrumentation';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { Protocol } from '@modelcontextprotocol/sdk/shared/protocol.js';
import { onTestFinished } from 'vitest';
import type { KeptRecord } from '../../instrumentation/test/fake-backend.js';
import { MCP_MODULES } from '../src/modules.js';

/** Audits what a copy of the SDK exports, as the preload flag does. */
export function audit(exports: object): void {
  for (const audited of MCP_MODULES) patchModule(audited, exports, '1.32.2');
}

audit({ Protocol });

export interface Connected {
  readonly server: Server;
  readonly client: Client;
  readonly clientTransport: InMemoryTransport;
}

/** A server and its client, connected in memory. @param auth whom the server's transport has authenticated. */
export async function connect(prepare: (server: Server) => void, auth?: Partial<AuthInfo>): Promise<Connected> {
  const server = new Server(
    { name: 'desk', version: '1' },
    { capabilities: { tools: {}, resources: {}, prompts: {} } },
  );
  const client = new Client({ name: 'inspector', version: '1' }, { capabilities: { sampling: {}, elicitation: {} } });
  prepare(server);
  const [clientTransport, serverTransport] = InMemoryTransport.createLinkedPair();
  if (auth) {
    const send = clientTransport.send.bind(clientTransport);
    const authInfo = { token: 'secret-token', clientId: '', scopes: [], ...auth };
    clientTransport.send = (message) => send(message, { authInfo });
  }
  await server.connect(serverTransport);
  await client.connect(clientTransport);
  onTestFinished(() => client.close());
  return { server, client, clientTransport };
}

export const ofRole = (records: readonly KeptRecord[], role: 'client' | 'server'): KeptRecord[] =>
  records.filter(({ attributes }) => attributes['mcp.role'] === role);

/** How actions ended, without their attempts. */
export const ended = (records: readonly KeptRecord[]): KeptRecord[] =>
  records.filter(({ attributes }) => attributes['bot.action.stage'] !== 'attempt');
