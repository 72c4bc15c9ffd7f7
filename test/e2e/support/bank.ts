import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A bank that makes every transfer that it is told of. */
export class Bank {
  /** What was asked for with each. */
  readonly transfers: string[] = [];
  readonly #server: Server;
  /** Who waits for the next transfer; while there is somebody, nobody gets an answer. */
  #onTransfer: (() => void) | undefined;

  private constructor() {
    this.#server = createServer(async (request, response) => {
      this.transfers.push(await text(request));
      if (this.#onTransfer) this.#onTransfer();
      else response.end('done');
    });
  }

  /** One that is closed when the test has ended. */
  static async open(): Promise<Bank> {
    const bank = new Bank();
    await new Promise<void>((resolve) => bank.#server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      bank.#server.closeAllConnections();
      bank.#server.close();
    });
    return bank;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Settles when the next transfer is made; who asked for it does not get an answer. */
  nextTransfer(): Promise<void> {
    return new Promise((resolve) => {
      this.#onTransfer = () => resolve();
    });
  }

  /** From now on those who ask get their answer. */
  answers(): void {
    this.#onTransfer = undefined;
  }
}
