import type { Installation, SlackApp } from './app-account.ts';
import type { Payload } from './delivery.ts';
import type { SlackServer } from './server.ts';
import type { SlackChannel, SlackMessage, SlackUser } from './workspace.ts';

/** Whom a payload is sent to, on whose doing. */
export interface Addressee {
  readonly server: SlackServer;
  readonly app: SlackApp;
  readonly installation: Installation;
}

/** An event of the Events API in its envelope. */
export function eventBody({ server, app, installation }: Addressee, event: Payload): Payload {
  const { workspace, forOrganization, bot } = installation;
  const ts = server.ids.timestamp();
  return {
    token: app.verificationToken,
    team_id: workspace.id,
    ...(workspace.enterpriseId !== undefined && { enterprise_id: workspace.enterpriseId }),
    api_app_id: app.id,
    event: { event_ts: ts, ...event },
    type: 'event_callback',
    event_id: server.ids.next('Ev'),
    event_time: Math.floor(Number(ts)),
    authorizations: [
      {
        enterprise_id: workspace.enterpriseId ?? null,
        team_id: forOrganization ? null : workspace.id,
        user_id: bot.id,
        is_bot: true,
        is_enterprise_install: forOrganization,
      },
    ],
    is_ext_shared_channel: false,
    event_context: `4-${app.id}`,
  };
}

export function messageEvent(message: SlackMessage, channel: SlackChannel): Payload {
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    text: message.text,
    channel: channel.id,
    channel_type: channel.kind,
    event_ts: message.ts,
    ...(message.botId !== undefined && { bot_id: message.botId, subtype: 'bot_message' }),
    ...(message.threadTs !== undefined && { thread_ts: message.threadTs }),
  };
}

/** What all interactive payloads have in common. */
export function interactionBody({ server, app, installation }: Addressee, user: SlackUser, type: string): Payload {
  const { workspace, forOrganization } = installation;
  const enterprise = workspace.enterpriseId;
  return {
    type,
    token: app.verificationToken,
    team: forOrganization
      ? null
      : { id: workspace.id, domain: 'workspace', ...(enterprise && { enterprise_id: enterprise }) },
    enterprise: enterprise === undefined ? null : { id: enterprise, name: 'Organization' },
    user: { id: user.id, username: user.name, name: user.name, team_id: workspace.id },
    api_app_id: app.id,
    is_enterprise_install: forOrganization,
    trigger_id: server.issueTrigger(user),
  };
}

export function commandBody(
  { server, app, installation }: Addressee,
  user: SlackUser,
  command: string,
  text: string,
  channel: SlackChannel,
): Payload {
  const { workspace, forOrganization } = installation;
  return {
    token: app.verificationToken,
    team_id: workspace.id,
    team_domain: 'workspace',
    ...(workspace.enterpriseId !== undefined && { enterprise_id: workspace.enterpriseId }),
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: user.id,
    user_name: user.name,
    command,
    text,
    api_app_id: app.id,
    is_enterprise_install: String(forOrganization),
    response_url: server.issueResponseUrl(channel),
    trigger_id: server.issueTrigger(user),
  };
}

/** A message as payloads hold it. */
export function messageOf(message: SlackMessage): Payload {
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    text: message.text,
    blocks: message.blocks,
    ...(message.threadTs !== undefined && { thread_ts: message.threadTs }),
  };
}
