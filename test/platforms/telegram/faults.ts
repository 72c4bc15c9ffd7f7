import type { BotAccount } from './bot-account.ts';
import { BotApiError } from './errors.ts';

/** What goes wrong with a call. */
export type Fault =
  /** The Bot API answers with an error; the call has no effect. */
  | {
      readonly error_code: number;
      /** Default: the usual one of this code. */
      readonly description?: string;
      /** Seconds; goes with 429. */
      readonly retry_after?: number;
      readonly migrate_to_chat_id?: number;
    }
  /** The connection is reset: before the call took effect, or after it did, so that the caller can't know. */
  | { readonly reset: 'before' | 'after' }
  /** Something that is not the Bot API answers, such as a proxy with an HTML page. */
  | { readonly status: number; readonly body: string; readonly contentType?: string }
  /** The answer comes, but late. In milliseconds. */
  | { readonly delayMs: number };

export interface FaultOptions {
  /** How many calls it hits. Default 1. */
  readonly times?: number;
  /** Only calls of this bot. Default: of any. */
  readonly bot?: BotAccount;
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
};

interface Planned {
  readonly method: string;
  readonly fault: Fault;
  readonly bot: BotAccount | undefined;
  left: number;
}

/** The faults that wait for their call. */
export class Faults {
  #planned: Planned[] = [];

  plan(method: string, fault: Fault, { times = 1, bot }: FaultOptions = {}): void {
    this.#planned.push({ method: method.toLowerCase(), fault, bot, left: times });
  }

  /** The fault that hits this call, if one does; it is used up. */
  take(method: string, bot: BotAccount): Fault | undefined {
    const name = method.toLowerCase();
    const hit = this.#planned.find((one) => (one.method === name || one.method === '*') && (one.bot ?? bot) === bot);
    if (!hit) return undefined;
    hit.left -= 1;
    if (hit.left === 0) this.#planned = this.#planned.filter((one) => one !== hit);
    return hit.fault;
  }
}

export function errorOf(fault: Extract<Fault, { error_code: number }>): BotApiError {
  const { error_code, retry_after, migrate_to_chat_id } = fault;
  const usual = DESCRIPTIONS[error_code] ?? 'Error';
  const description = fault.description ?? (retry_after === undefined ? usual : `${usual}: retry after ${retry_after}`);
  const parameters = {
    ...(retry_after !== undefined && { retry_after }),
    ...(migrate_to_chat_id !== undefined && { migrate_to_chat_id }),
  };
  return new BotApiError(error_code, description, Object.keys(parameters).length > 0 ? parameters : undefined);
}
