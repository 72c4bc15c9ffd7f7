import type { Target } from '@botaudit/api';
import { read } from '@botaudit/instrumentation';
import { userActor } from './actor.js';
import { channelOf, type Meaning } from './events.js';
import { messageTarget, readId, thing } from './ids.js';

type Mapping = (body: unknown) => Meaning;

/** The message or the view that somebody acted on, or else the channel. */
function place(body: unknown): Target | undefined {
  return (
    messageTarget(
      readId(body, 'container', 'channel_id') ?? channelOf(body),
      readId(body, 'container', 'message_ts') ?? readId(body, 'message_ts') ?? readId(body, 'message', 'ts'),
    ) ??
    thing(readId(body, 'view', 'id') ?? readId(body, 'container', 'view_id'), 'view') ??
    thing(channelOf(body), 'chat')
  );
}

const asked =
  (name: Meaning['name'], action?: string): Mapping =>
  (body) => ({ name, action, actor: userActor(read(body, 'user')), target: place(body) });

/** Every type of interactive payload, and slash commands. */
export const INTERACTIONS = {
  slash_command: (body) => ({
    name: 'bot.command',
    actor: userActor(read(body, 'user_id')),
    target: thing(readId(body, 'channel_id'), 'chat'),
  }),
  block_actions: asked('bot.callback'),
  interactive_message: asked('bot.callback'),
  shortcut: asked('bot.callback'),
  message_action: asked('bot.callback'),
  view_submission: asked('bot.callback', 'SEND'),
  view_closed: asked('bot.callback', 'CLOSE'),
  dialog_submission: asked('bot.callback', 'SEND'),
  dialog_cancellation: asked('bot.callback', 'CLOSE'),
  workflow_step_edit: asked('bot.callback', 'UPDATE'),
  block_suggestion: asked('bot.activity', 'READ'),
  dialog_suggestion: asked('bot.activity', 'READ'),
} as const satisfies Readonly<Record<string, Mapping>>;

type InteractionType = keyof typeof INTERACTIONS;

const unheardOf: Mapping = asked('bot.callback');

/** Which type of payload it is; slash commands do not say it themselves. */
export function interactionType(body: unknown): string | undefined {
  return read(body, 'command') === undefined ? readId(body, 'type') : 'slash_command';
}

/** What an interactive payload or a slash command means. */
export function mapInteraction(body: unknown): Meaning {
  const type = interactionType(body);
  return (type !== undefined && Object.hasOwn(INTERACTIONS, type) ? INTERACTIONS[type as InteractionType] : unheardOf)(
    body,
  );
}
