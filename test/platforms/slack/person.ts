import type { SlackApp } from './app-account.ts';
import type { Delivery, Payload } from './delivery.ts';
import { type Addressee, commandBody, interactionBody, messageEvent, messageOf } from './payloads.ts';
import type { SlackServer } from './server.ts';
import type { SlackChannel, SlackMessage, SlackUser, SlackWorkspace } from './workspace.ts';

/** Somebody in a workspace, acted by a test. */
export class Person {
  readonly #server: SlackServer;
  readonly #workspace: SlackWorkspace;
  readonly user: SlackUser;

  constructor(server: SlackServer, workspace: SlackWorkspace, user: SlackUser) {
    this.#server = server;
    this.#workspace = workspace;
    this.user = user;
  }

  get id(): string {
    return this.user.id;
  }

  /** Writes a message; apps in the channel are told, those that it mentions twice. */
  says(channel: SlackChannel, text: string, { thread }: { readonly thread?: SlackMessage } = {}): SlackMessage {
    const message = this.#workspace.post(channel, { user: this.id, text, threadTs: thread?.ts });
    this.#tellMembers(channel, messageEvent(message, channel));
    for (const app of this.#server.apps) {
      const bot = app.in(this.#workspace)?.bot;
      if (bot && text.includes(`<@${bot.id}>`)) {
        this.#server.sendsEvent(app, { ...messageEvent(message, channel), type: 'app_mention' }, this.#workspace);
      }
    }
    return message;
  }

  /** Adds a reaction to a message. */
  reacts(message: SlackMessage, reaction: string): void {
    const channel = this.#channel(message.channel);
    this.#tellMembers(channel, {
      type: 'reaction_added',
      user: this.id,
      reaction,
      item: { type: 'message', channel: channel.id, ts: message.ts },
      item_user: message.user,
    });
  }

  joins(channel: SlackChannel): void {
    channel.members.add(this.id);
    const team = this.#workspace.id;
    this.#tellMembers(channel, {
      type: 'member_joined_channel',
      user: this.id,
      channel: channel.id,
      channel_type: 'C',
      team,
    });
  }

  /** Gives a slash command. */
  commands(app: SlackApp, command: string, text: string, channel: SlackChannel): Delivery {
    const body = commandBody(this.#to(app), this.user, command, text, channel);
    return this.#server.deliveries.deliver(app, 'slash_commands', body);
  }

  /** Presses a button, or chooses from a menu, in a message. */
  presses(app: SlackApp, message: SlackMessage, actionId: string, value = 'value'): Delivery {
    const channel = this.#channel(message.channel);
    return this.#interacts(app, 'block_actions', {
      container: { type: 'message', message_ts: message.ts, channel_id: channel.id, is_ephemeral: false },
      channel: { id: channel.id, name: channel.name },
      message: messageOf(message),
      response_url: this.#server.issueResponseUrl(channel),
      actions: [
        {
          type: 'button',
          action_id: actionId,
          block_id: 'block',
          value,
          text: { type: 'plain_text', text: 'A button' },
          action_ts: this.#server.ids.timestamp(),
        },
      ],
    });
  }

  /** Runs a shortcut from the menu of the app. */
  runsShortcut(app: SlackApp, callbackId: string): Delivery {
    return this.#interacts(app, 'shortcut', { callback_id: callbackId, action_ts: this.#server.ids.timestamp() });
  }

  /** Runs a shortcut on a message. */
  runsMessageShortcut(app: SlackApp, callbackId: string, message: SlackMessage): Delivery {
    const channel = this.#channel(message.channel);
    return this.#interacts(app, 'message_action', {
      callback_id: callbackId,
      action_ts: this.#server.ids.timestamp(),
      message_ts: message.ts,
      message: messageOf(message),
      channel: { id: channel.id, name: channel.name },
      response_url: this.#server.issueResponseUrl(channel),
    });
  }

  /** Sends a modal view off. */
  submits(app: SlackApp, viewId: string, values: Payload = {}): Delivery {
    return this.#interacts(app, 'view_submission', { view: this.#view(app, viewId, values), response_urls: [] });
  }

  closes(app: SlackApp, viewId: string): Delivery {
    return this.#interacts(app, 'view_closed', { view: this.#view(app, viewId, {}), is_cleared: false });
  }

  /** Types into a menu whose options the app suggests. */
  types(app: SlackApp, actionId: string, value: string, channel: SlackChannel): Delivery {
    return this.#interacts(app, 'block_suggestion', {
      action_id: actionId,
      block_id: 'block',
      value,
      channel: { id: channel.id, name: channel.name },
      container: { type: 'message', channel_id: channel.id },
    });
  }

  #view(app: SlackApp, viewId: string, values: Payload): Payload {
    const shown = this.#workspace.views.get(viewId);
    if (!shown) throw new Error(`${viewId} is not shown`);
    return { ...shown.view, id: viewId, team_id: this.#workspace.id, app_id: app.id, state: { values } };
  }

  #interacts(app: SlackApp, type: string, details: Payload): Delivery {
    const body = { ...interactionBody(this.#to(app), this.user, type), ...details };
    return this.#server.deliveries.deliver(app, 'interactive', body);
  }

  #to(app: SlackApp): Addressee {
    const installation = app.in(this.#workspace);
    if (!installation) throw new Error(`${app.name} is not installed here`);
    return { server: this.#server, app, installation };
  }

  #channel(id: string): SlackChannel {
    const channel = this.#workspace.channels.get(id);
    if (!channel) throw new Error(`There is no channel ${id}`);
    return channel;
  }

  #tellMembers(channel: SlackChannel, event: Payload): void {
    for (const app of this.#server.apps) {
      const bot = app.in(this.#workspace)?.bot;
      if (bot && channel.members.has(bot.id)) this.#server.sendsEvent(app, event, this.#workspace);
    }
  }
}
