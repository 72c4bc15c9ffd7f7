import { unknown } from '../errors.ts';
import { LOGGED } from '../feed.ts';
import { channelPayload, guildPayload, memberPayload, rolePayload } from '../payloads.ts';
import { snowflake } from '../snowflake.ts';
import { TEXT } from '../world.ts';
import { channelOf, checkMayModerate, guildOf, memberOf, type RouteContext, type Routes, userOf } from './route.ts';

const roleChanged =
  (key: '$add' | '$remove') =>
  (context: RouteContext): undefined => {
    const guild = guildOf(context);
    const member = memberOf(context);
    checkMayModerate(context, guild, member.user);
    const role = guild.roles.get(context.params[2] ?? '');
    if (!role) throw unknown('role');
    if (key === '$add') member.roles.add(role.id);
    else member.roles.delete(role.id);
    context.feed.inGuild(guild, 'GUILD_MEMBER_UPDATE', memberPayload(member));
    const change = { key, new_value: [{ id: role.id, name: role.name }] };
    context.feed.log(guild, context.bot.user, LOGGED.roles, member.user.id, context.call.reason, [change]);
  };

export const GUILDS: Routes = {
  'GET /guilds/:x': (context) => guildPayload(guildOf(context)),
  'GET /guilds/:x/channels': (context) => [...guildOf(context).channels.values()].map(channelPayload),
  'GET /guilds/:x/roles': (context) => [...guildOf(context).roles.values()].map(rolePayload),
  'GET /guilds/:x/members/:x': (context) => memberPayload(memberOf(context)),
  'PATCH /guilds/:x/members/:x': (context) => {
    const guild = guildOf(context);
    const member = memberOf(context);
    checkMayModerate(context, guild, member.user);
    const { nick, communication_disabled_until: until } = context.body;
    if (nick !== undefined) member.nick = nick as string | null;
    if (until !== undefined) member.communication_disabled_until = until as string | null;
    context.feed.inGuild(guild, 'GUILD_MEMBER_UPDATE', memberPayload(member));
    const changes = Object.entries(context.body).map(([key, value]) => ({ key, new_value: value }));
    context.feed.log(guild, context.bot.user, LOGGED.memberUpdate, member.user.id, context.call.reason, changes);
    return memberPayload(member);
  },
  'DELETE /guilds/:x/members/:x': (context) => {
    const guild = guildOf(context);
    const { user } = memberOf(context);
    checkMayModerate(context, guild, user);
    context.feed.leave(guild, user);
    context.feed.log(guild, context.bot.user, LOGGED.kick, user.id, context.call.reason);
  },
  'PUT /guilds/:x/bans/:x': (context) => {
    const guild = guildOf(context);
    const user = userOf(context);
    checkMayModerate(context, guild, user);
    context.feed.ban(guild, user);
    context.feed.log(guild, context.bot.user, LOGGED.ban, user.id, context.call.reason);
  },
  'DELETE /guilds/:x/bans/:x': (context) => {
    const guild = guildOf(context);
    const user = userOf(context);
    checkMayModerate(context, guild, user);
    if (!guild.bans.delete(user.id)) throw unknown('ban');
    context.feed.inGuild(guild, 'GUILD_BAN_REMOVE', { user });
    context.feed.log(guild, context.bot.user, LOGGED.unban, user.id, context.call.reason);
  },
  'PUT /guilds/:x/members/:x/roles/:x': roleChanged('$add'),
  'DELETE /guilds/:x/members/:x/roles/:x': roleChanged('$remove'),
  'POST /guilds/:x/roles': (context) => {
    const guild = guildOf(context);
    checkMayModerate(context, guild);
    const role = { id: snowflake(), name: String(context.body.name ?? 'new role') };
    guild.roles.set(role.id, role);
    context.feed.inGuild(guild, 'GUILD_ROLE_CREATE', { role: rolePayload(role) });
    return rolePayload(role);
  },
  'POST /guilds/:x/channels': (context) => {
    const guild = guildOf(context);
    checkMayModerate(context, guild);
    const { name, type = TEXT } = context.body;
    const channel = context.world.addChannel(guild, String(name), type as number);
    context.feed.channel('CHANNEL_CREATE', channel);
    return channelPayload(channel);
  },
  'GET /channels/:x': (context) => channelPayload(channelOf(context)),
  'DELETE /channels/:x': (context) => {
    const channel = channelOf(context);
    if (channel.guild) checkMayModerate(context, channel.guild);
    context.world.channels.delete(channel.id);
    channel.guild?.channels.delete(channel.id);
    context.feed.channel('CHANNEL_DELETE', channel);
    return channelPayload(channel);
  },
  'GET /users/@me': ({ bot }) => bot.user,
  'GET /users/:x': (context) => userOf(context, 0),
  'POST /users/@me/channels': ({ world, bot, body }) => {
    const user = world.users.get(String(body.recipient_id));
    if (!user) throw unknown('user');
    return { ...channelPayload(world.directMessages(bot.user, user)), recipients: [user] };
  },
};
