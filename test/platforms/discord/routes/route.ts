import type { LoggedCall } from '../call-log.ts';
import { missingPermissions, unknown } from '../errors.ts';
import type { Feed } from '../feed.ts';
import type { BotAccount, Channel, Guild, Member, User, World } from '../world.ts';

/** What a route has to go on. */
export interface RouteContext {
  readonly world: World;
  readonly feed: Feed;
  readonly call: LoggedCall;
  /** Ids and the like, in the order in which they stand in the path. */
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** @throws {DiscordError} 401 where the request came with nobody's token. */
  readonly bot: BotAccount;
}

/** What the API answers with; `undefined`: nothing, 204. */
export type Route = (context: RouteContext) => unknown;

/** By method and path, `:x` for whatever stands there. */
export type Routes = Readonly<Record<string, Route>>;

export function channelOf({ world, params }: RouteContext, index = 0): Channel {
  const channel = world.channels.get(params[index] ?? '');
  if (!channel) throw unknown('channel');
  return channel;
}

/** A guild that the bot is in. */
export function guildOf({ world, params, bot }: RouteContext, index = 0): Guild {
  const guild = world.guilds.get(params[index] ?? '');
  if (!guild?.members.has(bot.id)) throw unknown('guild');
  return guild;
}

export function userOf({ world, params }: RouteContext, index = 1): User {
  const user = world.users.get(params[index] ?? '');
  if (!user) throw unknown('user');
  return user;
}

export function memberOf(context: RouteContext): Member {
  const member = guildOf(context).members.get(userOf(context).id);
  if (!member) throw unknown('member');
  return member;
}

/** @throws {DiscordError} 403 unless the bot may do to `user` what it is about to do. */
export function checkMayModerate({ bot }: RouteContext, guild: Guild, user?: User): void {
  if (!guild.moderators.has(bot.id) || user === guild.owner) throw missingPermissions();
}
