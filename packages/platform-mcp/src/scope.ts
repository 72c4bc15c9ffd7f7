import { type BotScope, type BotScopes, botScopes } from '@botaudit/instrumentation';

export const PLATFORM = 'mcp';

/** Which part a process plays in a connection. */
export type Role = 'client' | 'server';

/** One side of a connection, as this process is it. */
export interface Side {
  /** `undefined` where it is neither. */
  readonly role: Role | undefined;
  readonly scope: BotScope;
}

/** `mcp:<name>`, of a server or client by what it calls itself, or `mcp:<server>/<name>` of what is its own. */
export function mcpId(name: string): string {
  return `${PLATFORM}:${name}`;
}

/** The scopes of a framework's servers and clients, by their ids. */
export function mcpScopes(framework: string): BotScopes {
  return botScopes(framework, PLATFORM);
}
