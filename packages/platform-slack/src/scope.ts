import { announceBot, type BotScope, botScope, guard, observe, RecentMap, read } from '@botaudit/instrumentation';
import { PLATFORM, readId, slackId } from './ids.js';

/** Of tokens so many are kept in mind: each execution of a function has its own, and others are replaced twice a day. */
export const MOST_TOKENS = 10_000;

/**
 * Which bots there are: the users that bots are in their workspaces. Tokens don't say whom they act for; whoever sees one
 * used with the answer does. They are kept in memory, as their clients keep them, and nowhere else.
 */
export class SlackIdentities {
  readonly #byToken = new RecentMap<string, string>(MOST_TOKENS);
  /** Tokens that were asked about, and when the answer was there. */
  readonly #asked = new RecentMap<string, Promise<void>>(MOST_TOKENS);
  readonly #byInstallation = new Map<string, string>();
  readonly #scopes = new Map<string, BotScope>();

  /** Learns whom a token acts for. */
  learn(token: unknown, userId: unknown, name?: unknown): void {
    const id = readId(userId);
    if (typeof token !== 'string' || token === '' || id === undefined) return;
    this.#byToken.set(token, slackId(id));
    announceBot({ id: slackId(id), platform: PLATFORM, name: readId(name) && `@${readId(name)}` });
  }

  /**
   * Learns from how a call ends: `auth.test` says whom its token acts for, `oauth.v2.access` whom a new one does.
   *
   * @param token that the call is made with.
   * @param called what the call has returned.
   * @returns what its caller is to have instead, as {@link observe} says.
   */
  learning<T>(method: string, token: unknown, called: T): T {
    const isQuestion = method === 'auth.test';
    if (!isQuestion && method !== 'oauth.v2.access') return called;
    const { promise, resolve } = Promise.withResolvers<void>();
    if (isQuestion && typeof token === 'string') this.#asked.set(token, promise);
    return observe(called, (settlement) => {
      const answer = settlement.status === 'fulfilled' ? settlement.value : undefined;
      guard(PLATFORM, () => {
        if (isQuestion) this.learn(token, read(answer, 'user_id'), read(answer, 'user'));
        else this.learn(read(answer, 'access_token'), read(answer, 'bot_user_id'));
      });
      resolve();
    });
  }

  /** Settles when it was answered, in whatever way, whom a token acts for; `undefined` where nobody has asked. */
  answered(token: unknown): Promise<void> | undefined {
    return typeof token === 'string' ? this.#asked.get(token) : undefined;
  }

  /** Learns who an app is in the installation that a payload came from. */
  learnInstallation(body: unknown, userId: unknown): void {
    const [installation, id] = [installationOf(body), readId(userId)];
    if (installation !== undefined && id !== undefined) this.#byInstallation.set(installation, slackId(id));
  }

  /** Whom a token acts for, as `slack:<user>`; `undefined` while it isn't known. */
  idOf(token: unknown): string | undefined {
    return typeof token === 'string' ? this.#byToken.get(token) : undefined;
  }

  /** Which bot a payload was sent to: the user that it is there, or, while that isn't known, its app. */
  idOfBody(body: unknown): string | undefined {
    const installation = installationOf(body);
    const user = installation === undefined ? undefined : this.#byInstallation.get(installation);
    return user ?? authorizedBot(body) ?? appOf(body);
  }

  /** The scope of a bot in a framework, each made once. */
  scope(framework: string, id: string | undefined): BotScope {
    const key = `${framework} ${id}`;
    const scope = this.#scopes.get(key) ?? botScope(framework, PLATFORM, id);
    this.#scopes.set(key, scope);
    return scope;
  }
}

/** The user of the bot, where an event names it. */
function authorizedBot(body: unknown): string | undefined {
  const authorization = read(body, 'authorizations', '0');
  const user = read(authorization, 'is_bot') === true ? readId(authorization, 'user_id') : undefined;
  return user === undefined ? undefined : slackId(user);
}

/** An app in a place where it is installed: a workspace, or an organization as a whole. */
function installationOf(body: unknown): string | undefined {
  const place =
    readId(body, 'authorizations', '0', 'team_id') ??
    readId(body, 'view', 'app_installed_team_id') ??
    readId(body, 'team_id') ??
    readId(body, 'team', 'id') ??
    readId(body, 'user', 'team_id') ??
    readId(body, 'enterprise', 'id') ??
    readId(body, 'enterprise_id');
  return place === undefined ? undefined : `${readId(body, 'api_app_id')} ${place}`;
}

function appOf(body: unknown): string | undefined {
  const app = readId(body, 'api_app_id');
  return app === undefined ? undefined : slackId(app);
}
