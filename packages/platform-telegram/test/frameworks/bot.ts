// What the bots of Telegram's frameworks have in common, so that one test can be of them all.

/** What a call sends. */
interface Sent {
  readonly message_id: number;
  readonly text?: string;
}

export interface FrameworkClient {
  sendMessage(chat: number, text: string): Promise<Sent>;
  banChatMember(chat: number, user: number): Promise<true>;
  sendDocument(chat: number, file: never): Promise<Sent>;
  setWebhook(url: string, options: { readonly secret_token: string }): Promise<true>;
}

export interface FrameworkContext {
  readonly update: object;
  readonly from?: { readonly id: number } | undefined;
  readonly chat?: { readonly id: number } | undefined;
  readonly message?: { readonly message_id: number; readonly text?: string } | undefined;
  reply(text: string, options?: object): Promise<Sent>;
  banChatMember(user: number): Promise<true>;
}

// biome-ignore lint/suspicious/noConfusingVoidType: as the frameworks have it.
type Handler = (ctx: FrameworkContext) => void | Promise<unknown>;

export interface Stoppable {
  /** A promise or nothing. */
  stop(): unknown;
}

export interface FrameworkBot extends Stoppable {
  botInfo?: unknown;
  use(handler: Handler): unknown;
  command(name: string, handler: Handler): unknown;
  hears(text: string, handler: Handler): unknown;
  on(kind: 'message', handler: Handler): unknown;
  handleUpdate(update: never): Promise<unknown>;
}

/** An error that says what the Bot API refused. */
export interface FrameworkApiError extends Error {
  readonly description: string;
  readonly parameters?: { readonly retry_after?: number };
}

export type FrameworkApiErrorClass = abstract new (...args: never[]) => FrameworkApiError;
