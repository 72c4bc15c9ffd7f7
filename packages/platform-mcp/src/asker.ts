import { type Actor, activeBackend } from '@botaudit/api';
import { type Asker, readId } from '@botaudit/instrumentation';
import { mcpId } from './scope.js';
import { readTraceparent } from './trace.js';

/** Who asks, and what is known of them beside. */
export interface Known extends Asker {
  readonly attributes: Readonly<Record<string, string | undefined>>;
}

/** Where verifiers of tokens put whom a token is about. */
const SUBJECTS = ['sub', 'subject', 'userId'] as const;

/**
 * Who asks for something: whom the transport has authenticated, and nobody else. What a client claims about its user is
 * looked at only where that is configured. It is the actor where the client is authenticated and vouches for it, and
 * never in the place of a user who is authenticated too.
 *
 * @param extra what a handler is given beside the request.
 */
export function askerOf(request: unknown, extra: unknown): Known {
  const client = readId(extra, 'authInfo', 'clientId');
  const user = SUBJECTS.map((key) => readId(extra, 'authInfo', 'extra', key)).find((id) => id !== undefined);
  const claimed = claimedUser(request);
  const actor = actorOf(client, user, claimed);
  return {
    actor,
    trace: readTraceparent(request),
    attributes: {
      'mcp.client.id': actor.type === 'user' ? client : undefined,
      'mcp.user.claimed': claimed,
    },
  };
}

function actorOf(client: string | undefined, user: string | undefined, claimed: string | undefined): Actor {
  if (user !== undefined) return { id: mcpId(`user/${user}`), type: 'user' };
  const assurance = claimed === undefined ? undefined : 'peer';
  if (client === undefined) return { id: 'unknown', type: 'service', assurance };
  if (claimed !== undefined) return { id: mcpId(`user/${claimed}`), type: 'user', assurance };
  return { id: mcpId(`client/${client}`), type: 'service' };
}

function claimedUser(request: unknown): string | undefined {
  const key = activeBackend()?.claimedUserKey;
  return key === undefined ? undefined : readId(request, 'params', '_meta', key);
}
