import type { BotAccount } from './bot-account.ts';
import type { DecodedRequest, Transport } from './request.ts';
import type { Envelope } from './types.ts';

/** A call that reached the server, and what it was answered. */
export interface LoggedCall {
  /** From 1, in the order of arrival. */
  readonly number: number;
  readonly bot: BotAccount;
  /** The method's name as Telegram spells it; as it was called where there is no such method. */
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Names of the files that came with it. */
  readonly files: readonly string[];
  readonly transport: Transport;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** HTTP status of the answer; 0 when the connection was reset; `undefined` until then. */
  status: number | undefined;
  envelope: Envelope | undefined;
}

/** Methods by which a bot asks for updates: no action of a bot's. */
const POLLING: ReadonlySet<string> = new Set(['getUpdates']);

/** Every call, in the order of arrival. */
export class CallLog {
  readonly #calls: LoggedCall[] = [];

  /** All calls but polling. */
  get actions(): LoggedCall[] {
    return this.#calls.filter(({ method }) => !POLLING.has(method));
  }

  /** All calls of one method; without a name, all there were, polling included. */
  of(method?: string): LoggedCall[] {
    return method === undefined ? [...this.#calls] : this.#calls.filter((call) => call.method === method);
  }

  add(bot: BotAccount, method: string, { values, files, transport }: DecodedRequest): LoggedCall {
    const call: LoggedCall = {
      number: this.#calls.length + 1,
      bot,
      method,
      args: values,
      files: [...files.values()].map(({ name }) => name),
      transport,
      receivedAt: Date.now(),
      status: undefined,
      envelope: undefined,
    };
    this.#calls.push(call);
    return call;
  }
}
