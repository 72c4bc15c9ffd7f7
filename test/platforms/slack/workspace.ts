import type { Ids } from './ids.ts';

export interface SlackUser {
  readonly id: string;
  readonly name: string;
  /** The bot that it is. */
  readonly botId?: string;
}

export interface SlackMessage {
  readonly ts: string;
  readonly channel: string;
  readonly user: string;
  readonly botId?: string | undefined;
  readonly threadTs?: string | undefined;
  text: string;
  blocks?: unknown;
}

export class SlackChannel {
  readonly id: string;
  readonly kind: 'channel' | 'im';
  name: string;
  archived = false;
  readonly members = new Set<string>();
  readonly messages: SlackMessage[] = [];
  readonly pins = new Set<string>();

  constructor(id: string, kind: 'channel' | 'im', name: string) {
    this.id = id;
    this.kind = kind;
    this.name = name;
  }

  message(ts: unknown): SlackMessage | undefined {
    return this.messages.find((message) => message.ts === ts);
  }
}

/** A team of people, with their channels. */
export class SlackWorkspace {
  readonly id: string;
  /** The organization that it belongs to, if any. */
  readonly enterpriseId: string | undefined;
  readonly users = new Map<string, SlackUser>();
  readonly channels = new Map<string, SlackChannel>();
  readonly files = new Map<string, { readonly name: string; size: number; url: string }>();
  readonly views = new Map<
    string,
    { readonly id: string; readonly owner: string; view: Readonly<Record<string, unknown>> }
  >();
  readonly ids: Ids;

  constructor(ids: Ids, enterpriseId?: string) {
    this.ids = ids;
    this.id = ids.next('T');
    this.enterpriseId = enterpriseId;
  }

  addUser(name: string, botId?: string): SlackUser {
    const user: SlackUser = { id: this.ids.next('U'), name, ...(botId !== undefined && { botId }) };
    this.users.set(user.id, user);
    return user;
  }

  addChannel(name: string, members: readonly string[] = [], kind: SlackChannel['kind'] = 'channel'): SlackChannel {
    const channel = new SlackChannel(this.ids.next(kind === 'im' ? 'D' : 'C'), kind, name);
    for (const member of members) channel.members.add(member);
    this.channels.set(channel.id, channel);
    return channel;
  }

  /** The direct conversation of people, made if there is none. */
  openDialogue(members: readonly string[]): SlackChannel {
    const open = [...this.channels.values()].find(
      ({ kind, members: are }) =>
        kind === 'im' && are.size === members.length && members.every((member) => are.has(member)),
    );
    return open ?? this.addChannel('', members, 'im');
  }

  post(channel: SlackChannel, message: Omit<SlackMessage, 'ts' | 'channel'>): SlackMessage {
    const posted: SlackMessage = { ...message, ts: this.ids.timestamp(), channel: channel.id };
    channel.messages.push(posted);
    return posted;
  }
}
