import type { DecodedBody } from './request.ts';
import type { BotAccount } from './world.ts';

/** A request that reached the API, and what it was answered. */
export interface LoggedCall {
  /** From 1, in the order of arrival. */
  readonly number: number;
  /** Whose token it came with; `undefined` where it needs none. */
  readonly bot: BotAccount | undefined;
  /** `PUT /guilds/:id/bans/:id`: whatever is not the same for all requests of its kind is left out. */
  readonly route: string;
  readonly path: string;
  readonly body: DecodedBody['json'];
  readonly files: readonly string[];
  /** What is to stand in the guild's audit log. */
  readonly reason: string | undefined;
  /** HTTP status of the answer; 0 when the connection was reset; `undefined` until then. */
  status: number | undefined;
  answer: unknown;
}

/** Where tokens, codes and emojis stand in paths. */
const SECRETS: readonly [RegExp, string][] = [
  [/^\/(webhooks|interactions)\/(:id)\/[^/]+/, '/$1/$2/:token'],
  [/^\/invites\/[^/]+/, '/invites/:code'],
  [/^\/guilds\/templates\/[^/]+/, '/guilds/templates/:code'],
  [/^(\/guilds\/:id\/templates)\/[^/]+/, '$1/:code'],
  [/\/reactions\/[^/]+/, '/reactions/:emoji'],
  [/\/application-identities\/:id\/[^/:]+/, '/application-identities/:id/:provider'],
  [/^(\/applications\/:id\/application-identities)\/[^/:]+/, '$1/:provider'],
  // No word of the API's own has capitals.
  [/\/(?=[^/]*[A-Z])[^/:@][^/]*(?=\/|$)/, '/:other'],
];

/** What kind of request this is. */
export function routeOf(method: string, path: string): string {
  const withoutIds = path.replaceAll(/\/\d+(?=\/|$)/g, '/:id');
  return `${method} ${SECRETS.reduce((route, [from, to]) => route.replace(from, to), withoutIds)}`;
}

/** Every request, in the order of arrival. */
export class CallLog {
  readonly #calls: LoggedCall[] = [];

  get all(): readonly LoggedCall[] {
    return this.#calls;
  }

  of(route: string): LoggedCall[] {
    return this.#calls.filter((call) => call.route === route);
  }

  add(call: Omit<LoggedCall, 'number' | 'status' | 'answer'>): LoggedCall {
    const logged: LoggedCall = { ...call, number: this.#calls.length + 1, status: undefined, answer: undefined };
    this.#calls.push(logged);
    return logged;
  }
}
