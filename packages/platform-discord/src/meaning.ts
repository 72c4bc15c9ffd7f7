import type { Actor, Target } from '@botaudit/api';
import type { EventName } from '@botaudit/record';

/** What an event of the gateway means; ids only, never what somebody wrote. */
export interface Meaning {
  readonly name: EventName;
  /** Default: the catalogue's verb. */
  readonly action?: string | undefined;
  readonly actor: Actor;
  readonly target?: Target | undefined;
  /** Why, as whoever did it said in the guild's audit log. */
  readonly reason?: string | undefined;
  /** The event's own id, where it has one. */
  readonly id?: string | undefined;
  /** When it happened, in ISO 8601. */
  readonly date?: unknown;
  /** Default: the payload's `channel_id`. */
  readonly channel?: string | undefined;
  /** `ChannelType`. */
  readonly chatType?: unknown;
  readonly command?: string | undefined;
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

/** How the payload of an event is understood; `undefined`: it is nothing that anybody does. */
export type Mapping = ((payload: unknown) => Meaning) | undefined;
