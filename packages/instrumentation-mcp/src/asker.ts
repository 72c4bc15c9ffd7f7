import type { Actor } from '@botaudit/api';
import { type Asker, readId } from '@botaudit/instrumentation';
import { readTraceparent } from './traceparent.js';

/** Who asks, and what is known of them beside. */
export interface Known extends Asker {
  readonly attributes: Readonly<Record<string, string | undefined>>;
}

/** Where verifiers of tokens put whom a token is about. */
const SUBJECTS = ['sub', 'subject', 'userId'] as const;

const UNKNOWN: Actor = { id: 'unknown', type: 'service' };

/**
 * Who asks for something: whom the transport has authenticated, and nobody else.
 *
 * @param extra what a handler is given beside the request.
 */
export function askerOf(request: unknown, extra: unknown): Known {
  const client = readId(extra, 'authInfo', 'clientId');
  const user = SUBJECTS.map((key) => readId(extra, 'authInfo', 'extra', key)).find((id) => id !== undefined);
  return {
    actor: user === undefined ? clientActor(client) : { id: `mcp:user/${user}`, type: 'user' },
    trace: readTraceparent(request),
    attributes: { 'mcp.client.id': user === undefined ? undefined : client },
  };
}

function clientActor(client: string | undefined): Actor {
  return client === undefined ? UNKNOWN : { id: `mcp:client/${client}`, type: 'service' };
}
