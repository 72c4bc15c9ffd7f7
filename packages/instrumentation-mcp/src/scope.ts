import { readId } from '@botaudit/instrumentation';
import { mcpId, mcpScopes, type Side } from '@botaudit/platform-mcp';

export const FRAMEWORK = 'mcp';

const scopes = mcpScopes(FRAMEWORK);

/** Sides by their instance of `Protocol`: what they call themselves never changes. */
const sides = new WeakMap<object, Side>();

/** Which side an instance of `Client`, `Server` or another `Protocol` is. */
export function sideOf(protocol: object): Side {
  const known = sides.get(protocol);
  if (known) return known;
  const server = readId(protocol, '_serverInfo', 'name');
  const name = server ?? readId(protocol, '_clientInfo', 'name');
  const role = name === undefined ? undefined : server === undefined ? 'client' : 'server';
  const side: Side = { role, scope: scopes(name && mcpId(name), name) };
  sides.set(protocol, side);
  return side;
}

/** What the server of a connection calls itself; a client learns it when it connects. */
export function serverName(protocol: object): string {
  return readId(protocol, '_serverInfo', 'name') ?? readId(protocol, '_serverVersion', 'name') ?? 'unknown';
}
