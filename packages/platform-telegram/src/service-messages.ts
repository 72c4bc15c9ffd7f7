import type { Target } from '@botaudit/api';
import { ownKeys, read, readId, readList } from '@botaudit/instrumentation';
import type { EventName } from '@botaudit/record';
import type { Message } from '@grammyjs/types';
import { idInChat, telegramId, userTarget } from './ids.js';

/** What a service message means: it tells of something other than a text or media that somebody wrote. */
export interface ServiceMeaning {
  readonly name: EventName;
  readonly action?: string | ((message: unknown) => string);
  readonly target?: (message: unknown) => Target | undefined;
  readonly body?: (message: unknown) => Readonly<Record<string, unknown>> | undefined;
}

/** Joins, roles and payments are recorded when they arrive. */
const happened = (action: ServiceMeaning['action'], target?: ServiceMeaning['target']): ServiceMeaning => ({
  name: 'bot.event',
  ...(action && { action }),
  ...(target && { target }),
});
/** Everything slighter only when the bot acts upon it. */
const noticed = (action = 'UPDATE', target?: ServiceMeaning['target']): ServiceMeaning => ({
  name: 'bot.activity',
  action,
  ...(target && { target }),
});
/** A person used a button or a web app to hand something to the bot. */
const answered: ServiceMeaning = { name: 'bot.callback', action: 'SEND' };

const payment = (key: string) => (message: unknown) => {
  const id = readId(message, key, 'telegram_payment_charge_id');
  return id === undefined ? undefined : { id: telegramId(id), type: 'payment' };
};

const user =
  (...path: readonly string[]) =>
  (message: unknown) =>
    userTarget(read(message, ...path));

const message =
  (key: string) =>
  (service: unknown): Target | undefined => {
    const [chat, id] = [readId(service, 'chat', 'id'), readId(service, key, 'message_id')];
    return chat === undefined || id === undefined ? undefined : { id: idInChat(chat, id), type: 'message' };
  };

const isOneself = (key: string) => (service: unknown) => readId(service, 'from', 'id') === readId(service, key, 'id');

const MAX_MEMBERS = 100;
const joined: ServiceMeaning = {
  name: 'bot.event',
  action: 'JOIN',
  target: (service) => userTarget(readList(service, ['new_chat_members'], 1)[0]),
  body: (service) => {
    const members = readList(service, ['new_chat_members'], MAX_MEMBERS).map((member) => userTarget(member)?.id);
    return members.length > 1 ? { members } : undefined;
  },
};

/** Every service message by the member that marks it; a message without any of these is one that somebody wrote. */
const SERVICE_MESSAGES = {
  new_chat_members: joined,
  left_chat_member: happened(
    (service) => (isOneself('left_chat_member')(service) ? 'LEAVE' : 'KICK'),
    user('left_chat_member'),
  ),
  community_chat_joined: happened('JOIN'),
  chat_owner_left: happened('LEAVE'),
  chat_owner_changed: happened('GRANT', user('chat_owner_changed', 'new_owner')),
  managed_bot_created: happened('CREATE', user('managed_bot_created', 'bot')),
  successful_payment: happened('PAY', payment('successful_payment')),
  refunded_payment: happened('REFUND', payment('refunded_payment')),
  suggested_post_paid: happened('PAY'),
  suggested_post_refunded: happened('REFUND'),
  gift: happened('SEND'),
  unique_gift: happened('SEND'),
  gift_upgrade_sent: happened('SEND'),

  users_shared: answered,
  chat_shared: answered,
  web_app_data: answered,
  passport_data: answered,

  write_access_allowed: noticed('GRANT'),
  connected_website: noticed('LOGIN'),
  suggested_post_approved: noticed('APPROVE'),
  suggested_post_approval_failed: noticed('REJECT'),
  suggested_post_declined: noticed('REJECT'),
  community_chat_added: noticed(),
  community_chat_removed: noticed(),
  checklist_tasks_done: noticed(),
  checklist_tasks_added: noticed(),
  new_chat_title: noticed(),
  new_chat_photo: noticed(),
  delete_chat_photo: noticed(),
  group_chat_created: noticed('CREATE'),
  supergroup_chat_created: noticed('CREATE'),
  channel_chat_created: noticed('CREATE'),
  poll_option_added: noticed(),
  poll_option_deleted: noticed(),
  message_auto_delete_timer_changed: noticed(),
  migrate_to_chat_id: noticed(),
  migrate_from_chat_id: noticed(),
  pinned_message: noticed('UPDATE', message('pinned_message')),
  proximity_alert_triggered: noticed(),
  boost_added: noticed(),
  chat_background_set: noticed(),
  forum_topic_created: noticed('CREATE'),
  forum_topic_edited: noticed(),
  forum_topic_closed: noticed(),
  forum_topic_reopened: noticed(),
  general_forum_topic_hidden: noticed(),
  general_forum_topic_unhidden: noticed(),
  giveaway_created: noticed('CREATE'),
  giveaway_winners: noticed(),
  giveaway_completed: noticed(),
  paid_message_price_changed: noticed(),
  direct_message_price_changed: noticed(),
  video_chat_scheduled: noticed(),
  video_chat_started: noticed(),
  video_chat_ended: noticed(),
  video_chat_participants_invited: noticed(),
} as const satisfies Partial<Record<keyof Message, ServiceMeaning>>;

/** What a service message means; `undefined` for a message that somebody wrote. */
export function serviceMeaning(service: unknown): ServiceMeaning | undefined {
  const mark = ownKeys(service).find(isMark);
  return mark && SERVICE_MESSAGES[mark];
}

function isMark(key: string): key is keyof typeof SERVICE_MESSAGES {
  return Object.hasOwn(SERVICE_MESSAGES, key);
}
