import { SlackApiError } from '../errors.ts';
import type { Values } from '../request.ts';
import type { SlackServer } from '../server.ts';
import { type Method, page, text } from './types.ts';

export const ACCOUNT: Readonly<Record<string, Method>> = {
  'auth.test': ({ server, installation: { workspace, bot, forOrganization } }) => ({
    url: server.url,
    team: workspace.id,
    team_id: workspace.id,
    user: bot.name,
    user_id: bot.id,
    bot_id: bot.botId,
    is_enterprise_install: forOrganization,
    ...(workspace.enterpriseId !== undefined && { enterprise_id: workspace.enterpriseId }),
  }),
  'users.list': ({ installation: { workspace }, args }) => {
    const { items, next } = page([...workspace.users.values()], args);
    return { members: items.map(({ id, name }) => ({ id, name })), ...next };
  },
  'users.info': ({ installation: { workspace }, args }) => {
    const user = workspace.users.get(text(args, 'user'));
    if (!user) throw new SlackApiError('user_not_found');
    return { user: { id: user.id, name: user.name } };
  },
};

/** Changes the code that somebody brought back from Slack for a token; called without one. */
export function oauthAccess(server: SlackServer, args: Values, basic: readonly [string, string] | undefined): Values {
  const [clientId, clientSecret] = basic ?? [args.client_id, args.client_secret];
  const app = server.apps.find((one) => one.clientId === clientId);
  if (!app) throw new SlackApiError('invalid_client_id');
  if (app.clientSecret !== clientSecret) throw new SlackApiError('bad_client_secret');
  const code = app.codes.get(String(args.code));
  if (!code) throw new SlackApiError('invalid_code');
  app.codes.delete(String(args.code));
  const { workspace, bot, botToken } = app.install(code.workspace, code.forOrganization);
  return {
    access_token: botToken,
    token_type: 'bot',
    scope: 'chat:write,commands',
    bot_user_id: bot.id,
    app_id: app.id,
    team: code.forOrganization ? null : { id: workspace.id, name: 'Workspace' },
    enterprise: workspace.enterpriseId === undefined ? null : { id: workspace.enterpriseId, name: 'Organization' },
    is_enterprise_install: code.forOrganization,
    authed_user: { id: [...workspace.users.values()].find(({ botId }) => botId === undefined)?.id },
  };
}
