import { notFound, unauthorized, unknown } from './errors.ts';
import { GUILDS } from './routes/guilds.ts';
import { INTERACTIONS } from './routes/interactions.ts';
import { MESSAGES } from './routes/messages.ts';
import type { Route, RouteContext, Routes } from './routes/route.ts';
import { snowflake } from './snowflake.ts';

const GATEWAY: Routes = {
  'GET /applications/@me': ({ bot }) => ({ id: bot.id, name: bot.user.username, flags: 0, description: '' }),
  'PUT /applications/:x/commands': commands,
  'PUT /applications/:x/guilds/:x/commands': commands,
};

/** Commands as they were set, each with an id. */
function commands({ call, bot }: RouteContext): unknown {
  const given = (call.body ?? []) as readonly Record<string, unknown>[];
  return given.map((command) => ({
    type: 1,
    ...command,
    id: snowflake(),
    application_id: bot.id,
    version: snowflake(),
  }));
}

const TABLE = Object.entries({ ...GATEWAY, ...MESSAGES, ...GUILDS, ...INTERACTIONS }).map(([name, route]) => {
  const [method = '', path = ''] = name.split(' ');
  return { method, pattern: new RegExp(`^${path.replaceAll(':x', '([^/]+)')}$`), route };
});

/** What needs no token of a bot's: the path holds one. */
const OPEN = /^\/(interactions|webhooks)\/[^/]+\/[^/]+/;

/** Where the things that routes without state of their own are about would be. */
const KNOWN =
  /^\/(applications|channels|guilds|invites|oauth2|skus|soundboard-default-sounds|stage-instances|sticker-packs|stickers|users|voice|webhooks)(\/|$)/;

/** Whether a guild or a channel that a path begins with exists. */
function checkPlace(path: string, { world }: Pick<RouteContext, 'world'>): void {
  const [, kind, id = ''] = /^\/(guilds|channels)\/(\d+)/.exec(path) ?? [];
  if (kind === 'guilds' && !world.guilds.has(id)) throw unknown('guild');
  if (kind === 'channels' && !world.channels.has(id)) throw unknown('channel');
}

/** A route that keeps no state: what it names has to exist, and it answers with something of the kind. */
const stateless = (method: string, path: string): Route => {
  return (context) => {
    checkPlace(path, context);
    if (method === 'GET') return /s$/.test(path) ? [] : { id: snowflake() };
    return method === 'DELETE' ? undefined : { id: snowflake(), ...context.body };
  };
};

/**
 * Carries out a request.
 *
 * @returns what the API answers with; `undefined`: nothing.
 * @throws {DiscordError} what it answers with instead.
 */
export function carryOut(method: string, path: string, given: Omit<RouteContext, 'params' | 'body' | 'bot'>): unknown {
  const found = TABLE.map(({ pattern, ...entry }) => ({ ...entry, match: pattern.exec(path) })).find(
    (entry) => entry.method === method && entry.match,
  );
  if (!found && !KNOWN.test(path)) throw notFound();
  const { call } = given;
  if (!call.bot && !OPEN.test(path)) throw unauthorized();
  const context: RouteContext = {
    ...given,
    params: found?.match?.slice(1) ?? [],
    body: (Array.isArray(call.body) ? {} : (call.body ?? {})) as Record<string, unknown>,
    get bot() {
      if (!call.bot) throw unauthorized();
      return call.bot;
    },
  };
  return (found?.route ?? stateless(method, path))(context);
}
