import { type InboundEvent, read, readList } from '@botaudit/instrumentation';
import {
  ATTR_BOT_CHAT_ID,
  ATTR_BOT_CHAT_TYPE,
  ATTR_BOT_COMMAND_NAME,
  ATTR_BOT_THREAD_ID,
  ATTR_BOT_UPDATE_ID,
  ATTR_BOT_UPDATE_TYPE,
} from '@botaudit/record';
import { bodyContent } from './content.js';
import { channelOf, mapEvent } from './events.js';
import { idOf, readId } from './ids.js';
import { interactionType, mapInteraction } from './interactions.js';

const TYPE = /^[a-z_]{1,64}$/;
const COMMAND = /^\/\S{1,64}$/u;
/** A payload holds one action, or a few where blocks are many. */
const MAX_ACTIONS = 20;

/** How often, and why, Slack has delivered something again. */
export interface Redelivery {
  readonly retryNum?: unknown;
  readonly retryReason?: unknown;
}

/**
 * Maps what Slack has sent to an app to the event that it is. Never throws, whatever it looks like. What is delivered
 * again has the id of the first time: it is the same event.
 *
 * @param body of a request or an envelope: an event of the Events API, an interactive payload, or a slash command.
 */
export function mapBody(body: unknown, redelivery: Redelivery = {}): InboundEvent {
  const event = read(body, 'event');
  const isEvent = event !== undefined;
  const about = isEvent ? event : body;
  const { name, action, actor, target } = isEvent ? mapEvent(event, body) : mapInteraction(body);
  const type = isEvent ? readId(event, 'type') : interactionType(body);
  const command = readId(body, 'command');
  return {
    name,
    action,
    actor,
    target,
    timestamp: dateOf(readId(event, 'event_ts') ?? readId(body, 'event_time') ?? actionTime(body)),
    attributes: {
      [ATTR_BOT_UPDATE_ID]: isEvent ? readId(body, 'event_id') : actionTime(body),
      [ATTR_BOT_UPDATE_TYPE]: type !== undefined && TYPE.test(type) ? type : undefined,
      [ATTR_BOT_CHAT_ID]: channelOf(about) ?? readId(body, 'container', 'channel_id'),
      [ATTR_BOT_CHAT_TYPE]: readId(event, 'channel_type'),
      [ATTR_BOT_THREAD_ID]: threadOf(about),
      [ATTR_BOT_COMMAND_NAME]: !isEvent && command !== undefined && COMMAND.test(command) ? command : undefined,
    },
    body: details(body, redelivery),
    content: () => bodyContent(body),
    update: () => body,
  };
}

/** When something was pressed or chosen; unlike the trigger's id, which opens dialogues, it is no secret. */
function actionTime(body: unknown): string | undefined {
  return readId(body, 'action_ts') ?? readId(body, 'actions', '0', 'action_ts');
}

function threadOf(about: unknown): string | undefined {
  return (
    readId(about, 'thread_ts') ??
    readId(about, 'container', 'thread_ts') ??
    readId(about, 'message', 'thread_ts') ??
    readId(about, 'assistant_thread', 'thread_ts')
  );
}

/** Where it happened, on which element, and whether it was delivered before. */
function details(body: unknown, { retryNum, retryReason }: Redelivery): Readonly<Record<string, unknown>> {
  const actions = readList(body, ['actions'], MAX_ACTIONS).map((action) => readId(action, 'action_id'));
  return {
    app_id: readId(body, 'api_app_id'),
    team_id: readId(body, 'team_id') ?? idOf(read(body, 'team')) ?? readId(body, 'user', 'team_id'),
    enterprise_id: readId(body, 'enterprise_id') ?? idOf(read(body, 'enterprise')),
    callback_id: readId(body, 'callback_id') ?? readId(body, 'view', 'callback_id'),
    action_ids: actions.length > 0 ? actions.filter((id) => id !== undefined) : undefined,
    retry_number: typeof retryNum === 'number' ? retryNum : undefined,
    retry_reason: readId(retryReason),
  };
}

/** The latest time that a Date can hold, in seconds. */
const MAX_SECONDS = 8.64e12;

function dateOf(seconds: string | undefined): Date | undefined {
  const number = Number(seconds);
  return number > 0 && number <= MAX_SECONDS ? new Date(number * 1000) : undefined;
}
