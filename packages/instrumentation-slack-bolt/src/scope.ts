import { type BotScope, RecentMap, read } from '@botaudit/instrumentation';
import { MOST_TOKENS, SlackIdentities } from '@botaudit/platform-slack';

export const FRAMEWORK = 'slack-bolt';
/** What a client is part of whose token is no app's of Bolt. */
export const CLIENT_ALONE = '@slack/web-api';

export const identities = new SlackIdentities();

/** Tokens that Bolt's apps act with; in memory alone, as in its clients. */
const ofApps = new RecentMap<unknown, true>(MOST_TOKENS);

/** An app acts with this token from now on. */
export function adoptToken(token: unknown, userId?: unknown): void {
  if (typeof token !== 'string') return;
  ofApps.set(token, true);
  identities.learn(token, userId);
}

/** Which bot an app is where a payload came from: before it is authorized, as far as that is known. */
export function scopeOfApp(app: object, body?: unknown): BotScope {
  return identities.scope(FRAMEWORK, identities.idOf(read(app, 'client', 'token')) ?? identities.idOfBody(body));
}

/** Which bot a client acts for, with its own token or the one of a call. */
export function scopeOfClient(client: object, args: unknown): BotScope {
  const token = read(args, 'token') ?? read(client, 'token');
  return identities.scope(ofApps.get(token) ? FRAMEWORK : CLIENT_ALONE, identities.idOf(token));
}
