import { ATTR_BOT_CHAT_ID, ATTR_BOT_CHAT_TYPE } from '@botaudit/record';
import type { AuditContext } from './context.js';

/**
 * In which kind of chat something happens: as its own attributes say, else that of the update being handled, unless it
 * names another chat.
 *
 * @returns `undefined` where that is not known.
 */
export function chatTypeOf(
  attributes: Readonly<Record<string, unknown>> | undefined,
  context: AuditContext | undefined,
): string | undefined {
  const own = textOf(attributes?.[ATTR_BOT_CHAT_TYPE]);
  if (own !== undefined) return own;
  const update = context?.update;
  if (update === undefined) return undefined;
  const chat = attributes?.[ATTR_BOT_CHAT_ID];
  const isElsewhere = chat !== undefined && chat !== update[ATTR_BOT_CHAT_ID];
  return isElsewhere ? undefined : textOf(update[ATTR_BOT_CHAT_TYPE]);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
