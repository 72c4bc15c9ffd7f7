import { WebSocket } from 'ws';
import { intentOf, MESSAGE_CONTENT } from './intents.ts';
import type { BotAccount } from './world.ts';

export interface Dispatch {
  readonly op: 0;
  readonly t: string;
  readonly s: number;
  readonly d: object;
}

/** What is known of one of a bot's connections, which may break and go on with another socket. */
export class Session {
  readonly id = crypto.randomUUID().replaceAll('-', '');
  readonly bot: BotAccount;
  readonly shard: readonly [number, number];
  /** Whether it has been told where it is. */
  identified = false;
  readonly #intents: number;
  readonly #sent: Dispatch[] = [];
  #socket: WebSocket | undefined;

  constructor(bot: BotAccount, intents: number, shard: readonly [number, number], socket: WebSocket) {
    this.bot = bot;
    this.shard = shard;
    this.#intents = intents;
    this.#socket = socket;
  }

  get isConnected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Whether a guild is this shard's; direct messages are the first one's. */
  isOf(guild: string | undefined): boolean {
    const [index, count] = this.shard;
    return (guild === undefined ? 0 : Number((BigInt(guild) >> 22n) % BigInt(count))) === index;
  }

  /** Sends an event, if the bot wants to know of such, now or when it comes back. */
  dispatch(t: string, d: object): void {
    const intent = intentOf(t, 'guild_id' in d);
    if (intent !== undefined && (this.#intents & intent) === 0) return;
    const told = t === 'MESSAGE_CREATE' && !this.#seesContent(d) ? { ...d, content: '' } : d;
    const dispatch: Dispatch = { op: 0, t, s: this.#sent.length + 1, d: told };
    this.#sent.push(dispatch);
    this.send(dispatch);
  }

  send(payload: object): void {
    if (this.isConnected) this.#socket?.send(JSON.stringify(payload));
  }

  /** Goes on with another socket, from what the bot has seen last. */
  resume(socket: WebSocket, seen: number): void {
    this.#socket = socket;
    for (const missed of this.#sent.slice(seen)) this.send(missed);
    const s = this.#sent.length + 1;
    const resumed: Dispatch = { op: 0, t: 'RESUMED', s, d: {} };
    this.#sent.push(resumed);
    this.send(resumed);
  }

  detach(socket: WebSocket): void {
    if (this.#socket === socket) this.#socket = undefined;
  }

  close(code: number): void {
    this.#socket?.close(code);
  }

  #seesContent(message: object): boolean {
    const author = 'author' in message ? (message.author as { readonly id: string }).id : undefined;
    return (this.#intents & MESSAGE_CONTENT) !== 0 || !('guild_id' in message) || author === this.bot.id;
  }
}
