import { type BotScope, recordLife } from '@botaudit/instrumentation';

/** Which shards of each client have a connection to the gateway; each connection and its loss is recorded once. */
export class ShardConnections {
  readonly #connected = new WeakMap<object, Set<string | undefined>>();

  /** A shard can take what is dispatched, newly or again. */
  connected(bot: BotScope, client: object, shard: string | undefined): void {
    this.#connected.set(client, (this.#connected.get(client) ?? new Set()).add(shard));
    record(bot, 'bot.connected', shard);
  }

  /**
   * A shard has lost its connection. One that can't go on with its session loses it once more while it has none: no event.
   *
   * @param code with which it was closed.
   */
  disconnected(bot: BotScope, client: object, shard: string | undefined, code?: string): void {
    if (this.#connected.get(client)?.delete(shard)) record(bot, 'bot.disconnected', shard, code);
  }
}

function record(bot: BotScope, name: 'bot.connected' | 'bot.disconnected', shard?: string, code?: string): void {
  const target = { id: bot.id === undefined ? undefined : `${bot.id}/${shard}` };
  recordLife(bot, name, { target, body: { shard, code } });
}
