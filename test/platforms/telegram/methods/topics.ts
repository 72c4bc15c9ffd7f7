import type { ForumTopic } from 'grammy/types';
import { type Call, chatOfCall, type Handlers, requireRight } from '../call.ts';
import type { TelegramChat } from '../chat.ts';
import { badRequest } from '../errors.ts';

/** The forum that a call names, if the bot may manage its topics. */
function forum(call: Call): TelegramChat {
  const chat = chatOfCall(call);
  if (!chat.json.is_forum) throw badRequest('the chat is not a forum');
  requireRight(chat, call, 'can_manage_topics', 'not enough rights to create a topic');
  return chat;
}

function topicOf(call: Call): { chat: TelegramChat; topic: ForumTopic & { closed: boolean } } {
  const chat = forum(call);
  const topic = chat.topics.get(call.args.integer('message_thread_id') ?? 0);
  if (!topic) throw badRequest('message thread not found');
  return { chat, topic };
}

function setClosed(call: Call, closed: boolean): true {
  const { chat, topic } = topicOf(call);
  if (topic.closed === closed) throw badRequest('TOPIC_NOT_MODIFIED');
  topic.closed = closed;
  const threadId = topic.message_thread_id;
  chat.post(call.bot.user, closed ? { forum_topic_closed: {} } : { forum_topic_reopened: {} }, { threadId });
  return true;
}

function inForum(call: Call): true {
  forum(call);
  return true;
}

/** The topics of a forum. */
export const topicMethods: Handlers<
  | 'createForumTopic'
  | 'editForumTopic'
  | 'closeForumTopic'
  | 'reopenForumTopic'
  | 'deleteForumTopic'
  | 'unpinAllForumTopicMessages'
  | 'editGeneralForumTopic'
  | 'closeGeneralForumTopic'
  | 'reopenGeneralForumTopic'
  | 'hideGeneralForumTopic'
  | 'unhideGeneralForumTopic'
  | 'unpinAllGeneralForumTopicMessages'
  | 'getForumTopicIconStickers'
> = {
  createForumTopic(call): ForumTopic {
    const chat = forum(call);
    const name = call.args.text('name');
    if (name === '') throw badRequest('TOPIC_TITLE_EMPTY');
    const look = { name, icon_color: call.args.integer('icon_color') ?? 0x6fb9f0 };
    // A topic's id is that of the message which says that it was made.
    const { message_id } = chat.post(call.bot.user, { forum_topic_created: look });
    const topic = { message_thread_id: message_id, ...look };
    chat.topics.set(message_id, { ...topic, closed: false });
    return topic;
  },

  editForumTopic(call) {
    const { chat, topic } = topicOf(call);
    const name = call.args.text('name') || topic.name;
    topic.name = name;
    chat.post(call.bot.user, { forum_topic_edited: { name } }, { threadId: topic.message_thread_id });
    return true;
  },

  closeForumTopic: (call) => setClosed(call, true),
  reopenForumTopic: (call) => setClosed(call, false),

  deleteForumTopic(call) {
    const { chat, topic } = topicOf(call);
    chat.topics.delete(topic.message_thread_id);
    for (const { message_thread_id, message_id } of chat.messages) {
      if (message_thread_id === topic.message_thread_id) chat.delete(message_id);
    }
    return true;
  },

  unpinAllForumTopicMessages: (call) => Boolean(topicOf(call)) as true,
  editGeneralForumTopic: inForum,
  closeGeneralForumTopic: inForum,
  reopenGeneralForumTopic: inForum,
  hideGeneralForumTopic: inForum,
  unhideGeneralForumTopic: inForum,
  unpinAllGeneralForumTopicMessages: inForum,
  getForumTopicIconStickers: () => [],
};
