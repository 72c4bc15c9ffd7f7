import type { DecodedRequest, Transport, Values } from './request.ts';

/** A call that reached the server, and what it was answered. */
export interface LoggedCall {
  /** From 1, in the order of arrival. */
  readonly number: number;
  /** `chat.postMessage`; `respond` for a message to a response URL, `upload` for a file to its address. */
  readonly method: string;
  readonly args: Values;
  readonly token: string | undefined;
  readonly transport: Transport;
  /** HTTP status of the answer; 0 when the connection was reset; `undefined` until then. */
  status: number | undefined;
  answer: Values | undefined;
}

/** Every call, in the order of arrival. */
export class CallLog {
  readonly #calls: LoggedCall[] = [];

  /** All calls of one method; without a name, all there were. */
  of(method?: string): LoggedCall[] {
    return method === undefined ? [...this.#calls] : this.#calls.filter((call) => call.method === method);
  }

  add(method: string, token: string | undefined, { values, transport }: DecodedRequest): LoggedCall {
    const { token: _, ...args } = values;
    const call: LoggedCall = {
      number: this.#calls.length + 1,
      method,
      args,
      token,
      transport,
      status: undefined,
      answer: undefined,
    };
    this.#calls.push(call);
    return call;
  }
}
