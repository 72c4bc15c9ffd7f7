import type { InboundEvent } from '@botaudit/instrumentation';
import { mapUpdate } from '../src/index.js';

export const ada = { id: 42, is_bot: false, first_name: 'Ada' };
export const bob = { id: 43, is_bot: false, first_name: 'Bob' };
export const group = { id: -100, type: 'supergroup', title: 'Group' } as const;
export const channel = { id: -200, type: 'channel', title: 'News' } as const;
export const dialogue = { id: 42, type: 'private', first_name: 'Ada' } as const;
export const bot = { id: 7, is_bot: true, first_name: 'Bot', username: 'the_bot' } as const;
export const DATE = 1_790_000_000;
export const text = { message_id: 5, date: DATE, chat: group, from: ada, text: 'a secret' };

/** Maps an update that has an id. */
export const map = (update: object, username?: string): InboundEvent =>
  mapUpdate({ update_id: 1, ...update }, username);
