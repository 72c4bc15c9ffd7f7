import type { BotInfo, Target } from '@botaudit/api';
import { ATTR_ERROR_TYPE, type EventName } from '@botaudit/record';
import type { BotScope } from './bot-scope.js';
import { decide } from './decide.js';
import { errorType } from './error-type.js';
import { currentBackend, guard } from './guard.js';
import { write } from './write.js';

/** The events of a bot's life that instrumentations see. */
export type LifeEvent = Extract<
  EventName,
  'bot.started' | 'bot.connected' | 'bot.disconnected' | 'bot.stopping' | 'bot.stopped' | 'bot.crashed'
>;

/** Details of an event of a bot's life. */
export interface LifeDetails {
  /** What it failed with; its class is recorded, as `error.type`. */
  readonly error?: unknown;
  /** Its type defaults to the catalogue's. Default: the bot. */
  readonly target?: Target | undefined;
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

/** Records that a bot started, stops, or crashed. A crash, and whatever ends with an error, is a failure. */
export function recordLife(bot: BotScope, name: LifeEvent, details: LifeDetails = {}): void {
  const backend = currentBackend();
  if (!backend) return;
  const decision = decide(backend, bot, name);
  if (!decision || decision.level === 'none' || decision.written === 'never') return;
  const failed = 'error' in details;
  const draft = {
    name,
    outcome: failed ? 'failure' : 'success',
    target: details.target ?? { id: bot.id },
    attributes: { ...bot.attributes, [ATTR_ERROR_TYPE]: failed ? errorType(details.error) : undefined },
    body: details.body,
  } as const;
  write(backend, bot.framework, draft, decision);
}

/** Names that were told to the backend, by bot. */
const announced = new Map<string, string | undefined>();

/** Tells the backend of a bot once, and once more when its name becomes known. */
export function announceBot(info: BotInfo): void {
  if (announced.has(info.id) && (info.name === undefined || announced.get(info.id) === info.name)) return;
  const backend = currentBackend();
  if (!backend) return;
  announced.set(info.id, info.name ?? announced.get(info.id));
  guard(info.platform, () => backend.announceBot(info));
}
