import { ATTR_BOT_FRAMEWORK, ATTR_BOT_ID, ATTR_BOT_PLATFORM } from '@botaudit/record';

/** The bot that something happens to, or that does something. */
export interface BotScope {
  /** Prefixed, e.g. `telegram:7`; `undefined` while it isn't known. */
  readonly id: string | undefined;
  readonly platform: string;
  readonly framework: string;
  /** The same as attributes of a record. */
  readonly attributes: Readonly<Record<string, string>>;
}

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
