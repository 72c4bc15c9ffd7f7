import type { ApiMethods, Update } from 'grammy/types';

/** Every method of the Bot API, as grammY's types know them. */
export type Method = keyof ApiMethods;

/** What a method answers with in the `result` of its envelope. */
export type Result<M extends Method> = ReturnType<ApiMethods[M]>;

/** Every kind of update: the names that `allowed_updates` takes. */
export type UpdateType = Exclude<keyof Update, 'update_id'>;

/** An update before a bot's queue has numbered it. */
export type UpdateBody = Omit<Update, 'update_id'>;

/** What stands in the body of every answer of the Bot API. */
export type Envelope =
  | { ok: true; result: unknown; description?: string }
  | { ok: false; error_code: number; description: string; parameters?: ErrorParameters };

/** What a client may need to recover from an error by itself. */
export interface ErrorParameters {
  /** Seconds to wait before the call may be repeated. */
  retry_after?: number;
  /** The supergroup that a group has become. */
  migrate_to_chat_id?: number;
}
