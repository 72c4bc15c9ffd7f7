import { ATTR_BOT_FRAMEWORK, ATTR_BOT_ID, ATTR_BOT_PLATFORM } from '@botaudit/record';
import { announceBot } from './life.js';

/** The bot that something happens to, or that does something. */
export interface BotScope {
  /** Prefixed, e.g. `telegram:7`; `undefined` while it isn't known. */
  readonly id: string | undefined;
  readonly platform: string;
  readonly framework: string;
  /** The same as attributes of a record. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** @param framework its name in records. @param id prefixed with the platform's. */
export function botScope(framework: string, platform: string, id: string | undefined): BotScope {
  return {
    id,
    platform,
    framework,
    attributes: {
      ...(id === undefined ? undefined : { [ATTR_BOT_ID]: id }),
      [ATTR_BOT_PLATFORM]: platform,
      [ATTR_BOT_FRAMEWORK]: framework,
    },
  };
}

/**
 * The scope of the bot with this id, `undefined` where it isn't known. Tells the backend of it, also of the name under
 * which the platform knows it, once that is known.
 */
export type BotScopes = (id: string | undefined, name?: string) => BotScope;

/** The scopes of a framework's bots, each made once. */
export function botScopes(framework: string, platform: string): BotScopes {
  const scopes = new Map<string | undefined, BotScope>();
  return (id, name) => {
    const scope = scopes.get(id) ?? botScope(framework, platform, id);
    scopes.set(id, scope);
    if (id !== undefined) announceBot({ id, platform, name });
    return scope;
  };
}
