import { createServer, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import { attribute, type OtlpLogs } from '../../stack/archive.ts';

/** How a sink fails: it answers 503, or its connections break. */
export type Outage = 'unavailable' | 'broken';

/** An OTLP/HTTP endpoint that keeps the numbers of the records that came, by the bot that wrote them. */
export class NumberedSink {
  outage: Outage | undefined;
  /** Requests that it did not take. */
  refused = 0;
  readonly #server: Server;
  readonly #numbers = new Map<string, Numbers>();
  readonly #events = new Map<string, number>();

  private constructor() {
    this.#server = createServer(async (request, response) => {
      try {
        const logs = (await json(request)) as OtlpLogs;
        if (this.outage) {
          this.refused++;
          if (this.outage === 'broken') response.destroy();
          else response.writeHead(503).end();
          return;
        }
        this.#take(logs);
        response.setHeader('content-type', 'application/json').end('{"partialSuccess":{}}');
      } catch {
        // The sender was killed in the middle of its request.
        response.destroy();
      }
    });
  }

  static async start(): Promise<NumberedSink> {
    const sink = new NumberedSink();
    await new Promise<void>((resolve) => sink.#server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  /** Variables that make a bot ship to it. */
  get env(): Record<string, string> {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
    return {
      OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: `http://127.0.0.1:${address.port}/v1/audit`,
      OTEL_EXPORTER_OTLP_AUDIT_PROTOCOL: 'http/json',
    };
  }

  /** How many of a bot's records 1 to `last` have not come. */
  missing(bot: string, last: number): number {
    return this.#numbers.get(bot)?.missing(last) ?? last;
  }

  /** How many records of an event came. */
  count(event: string): number {
    return this.#events.get(event) ?? 0;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take({ resourceLogs = [] }: OtlpLogs): void {
    for (const { scopeLogs = [] } of resourceLogs) {
      for (const { logRecords = [] } of scopeLogs) {
        for (const record of logRecords) {
          const { eventName = '' } = record as { eventName?: string };
          this.#events.set(eventName, this.count(eventName) + 1);
          const [, bot, number] = /^(bot-\d+):(\d+)$/.exec(attribute(record, 'audit.target.id') ?? '') ?? [];
          if (bot !== undefined) this.#numbersOf(bot).add(Number(number));
        }
      }
    }
  }

  #numbersOf(bot: string): Numbers {
    const numbers = this.#numbers.get(bot) ?? new Numbers();
    this.#numbers.set(bot, numbers);
    return numbers;
  }
}

/** A set of numbers from 1, a byte each. */
class Numbers {
  #seen = new Uint8Array(1 << 16);

  add(number: number): void {
    if (number >= this.#seen.length) {
      const larger = new Uint8Array(2 * Math.max(number, this.#seen.length));
      larger.set(this.#seen);
      this.#seen = larger;
    }
    this.#seen[number] = 1;
  }

  missing(last: number): number {
    let count = 0;
    for (let number = 1; number <= last; number++) if (!this.#seen[number]) count++;
    return count;
  }
}
