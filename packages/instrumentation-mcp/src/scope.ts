import { announceBot, type BotScope, botScope, readId } from '@botaudit/instrumentation';

export const FRAMEWORK = 'mcp';
const PLATFORM = 'mcp';

/** Which part a process plays in a connection. */
type Role = 'client' | 'server';

/** One side of a connection, as this process is it. */
export interface Side {
  readonly role: Role | undefined;
  readonly scope: BotScope;
}

/** Sides by their instance of `Protocol`: what they call themselves never changes. */
const sides = new WeakMap<object, Side>();

/** Which side an instance of `Client`, `Server` or another `Protocol` is. */
export function sideOf(protocol: object): Side {
  const known = sides.get(protocol);
  if (known) return known;
  const server = readId(protocol, '_serverInfo', 'name');
  const name = server ?? readId(protocol, '_clientInfo', 'name');
  const id = name === undefined ? undefined : `${PLATFORM}:${name}`;
  const side: Side = {
    role: name === undefined ? undefined : server === undefined ? 'client' : 'server',
    scope: botScope(FRAMEWORK, PLATFORM, id),
  };
  sides.set(protocol, side);
  if (id !== undefined) announceBot({ id, name, platform: PLATFORM });
  return side;
}

/** What the server of a connection calls itself; a client learns it when it connects. */
export function serverName(protocol: object): string {
  return readId(protocol, '_serverInfo', 'name') ?? readId(protocol, '_serverVersion', 'name') ?? 'unknown';
}
