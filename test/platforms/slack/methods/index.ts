import { SlackApiError } from '../errors.ts';
import { ACCOUNT } from './account.ts';
import { CHAT } from './chat.ts';
import { CONVERSATIONS } from './conversations.ts';
import type { Call, Method } from './types.ts';
import { VIEWS_AND_FILES } from './views-and-files.ts';

const METHODS: Readonly<Record<string, Method>> = { ...ACCOUNT, ...CHAT, ...CONVERSATIONS, ...VIEWS_AND_FILES };

/** As methods are named; those that keep no state here are answered with `ok` alone. */
const NAME = /^[a-z][a-zA-Z]*(\.[a-zA-Z0-9]+)+$/;

/** Carries out a method. */
export function dispatch(name: string, call: Call): Readonly<Record<string, unknown>> {
  if (Object.hasOwn(METHODS, name)) return METHODS[name]?.(call) ?? {};
  if (!NAME.test(name)) throw new SlackApiError('unknown_method', { req_method: name });
  return {};
}
