import {
  auditInbound,
  BotLife,
  guard,
  type LifeEvent,
  observe,
  patchMethod,
  type Received,
  read,
  readId,
  recordErrorOfHandler,
  recordLife,
} from '@botaudit/instrumentation';
import { mapDispatch } from '@botaudit/platform-discord';
import { noteInteraction } from './interactions.js';
import { FRAMEWORK, nameClient, scopeOfClient } from './scope.js';

/** A `Client` of discord.js, as far as it is used here. */
interface Client {
  readonly guilds?: { readonly cache: { has(id: string | undefined): boolean } };
}

/** A `WebSocketManager`. */
interface Gateway {
  handlePacket(): boolean;
}

const life = new BotLife(scopeOfClient);

/** `Status.Ready`. */
const READY = 0;
/** What is handled before a client is ready; all else is put aside until then, and handed over once more. */
const HANDLED_EARLY: readonly unknown[] = ['GUILD_CREATE', 'GUILD_DELETE', 'GUILD_MEMBER_ADD', 'GUILD_MEMBER_REMOVE'];

/** Patches what the gateway dispatches to a client, of `WebSocketManager`. */
export function patchGateway(prototype: object): void {
  auditInbound(prototype, 'handlePacket', FRAMEWORK, receive);
  patchMethod(prototype, 'triggerClientReady', (ready) => {
    return function (this: unknown, ...args) {
      guard(FRAMEWORK, () => {
        const client = clientOf(this);
        nameClient(client);
        life.started(client, 'gateway');
      });
      return Reflect.apply(ready, this, args);
    };
  });
}

function clientOf(manager: unknown): object {
  return read(manager, 'client') as object;
}

function receive(manager: object, [packet]: readonly unknown[]): Received | undefined {
  const client = clientOf(manager);
  const isReady = read(manager, 'status') === READY;
  const type = read(packet, 't');
  if (!isReady && !HANDLED_EARLY.includes(type)) return undefined;
  if (type === 'GUILD_CREATE' && !(isReady && isNewGuild(client as Client, packet))) return undefined;
  const bot = scopeOfClient(client);
  const event = mapDispatch(packet, bot.id);
  if (!event) return undefined;
  return {
    root: true,
    bot,
    event,
    // Nobody waits for it, and nobody delivers it again.
    hold: { isActive: () => life.isRunning(client) },
    refuse: () => false,
    // It hands over, too, what was put aside until the client was ready.
    skip: () => (manager as Gateway).handlePacket(),
  };
}

/** A client is told of all guilds that it is in when it connects, and of those that were not to be reached. */
function isNewGuild({ guilds }: Client, packet: unknown): boolean {
  return guilds?.cache.has(readId(packet, 'd', 'id')) === false;
}

/** Patches the life of clients, and what is emitted by them, of `Client`. */
export function patchClient(prototype: object): void {
  patchMethod(prototype, 'login', (login) => {
    return function (this: unknown, ...args) {
      const client = this as object;
      const starts = guard(FRAMEWORK, () => life.starting(client));
      const result = Reflect.apply(login, this, args);
      if (!starts) return result;
      return observe(result, (settlement) => {
        if (settlement.status === 'rejected') guard(FRAMEWORK, () => life.ended(client, { error: settlement.reason }));
      });
    };
  });

  patchMethod(prototype, 'destroy', (destroy) => {
    return function (this: unknown, ...args) {
      const client = this as object;
      const stops = guard(FRAMEWORK, () => life.stopping(client));
      const result = Reflect.apply(destroy, this, args);
      return stops ? observe(result, () => guard(FRAMEWORK, () => life.ended(client))) : result;
    };
  });

  ownEmit(prototype);
  patchMethod(prototype, 'emit', (emit) => {
    return function (this: unknown, ...args) {
      guard(FRAMEWORK, () => emitted(this as object, args));
      return Reflect.apply(emit, this, args);
    };
  });
}

/** Gives the class a member of its own that does what the inherited one does, whoever may patch that. */
function ownEmit(prototype: object): void {
  if (Object.hasOwn(prototype, 'emit')) return;
  const emit = function (this: unknown, type: unknown, ...args: unknown[]): unknown {
    return Reflect.apply(Reflect.get(Object.getPrototypeOf(prototype), 'emit'), this, [type, ...args]);
  };
  Object.defineProperty(prototype, 'emit', { value: emit, writable: true, configurable: true });
}

/** What is emitted of a client's connections; each is a shard's. */
const CONNECTION = new Map<unknown, { readonly name: LifeEvent; readonly shard: number }>([
  ['shardReady', { name: 'bot.connected', shard: 0 }],
  ['shardResume', { name: 'bot.connected', shard: 0 }],
  ['shardReconnecting', { name: 'bot.disconnected', shard: 0 }],
  ['shardDisconnect', { name: 'bot.disconnected', shard: 1 }],
]);

/** The shards of each client that are connected. */
const connected = new WeakMap<object, Set<string | undefined>>();

function emitted(client: object, [event, ...args]: readonly unknown[]): void {
  if (event === 'interactionCreate') noteInteraction(args[0]);
  // What an asynchronous listener rejects with comes out here, in the context of what it was handling.
  if (event === 'error') recordErrorOfHandler(args[0]);
  const connection = CONNECTION.get(event);
  if (!connection) return;
  const shard = readId(args[connection.shard]);
  const shards = connected.get(client) ?? new Set();
  connected.set(client, shards);
  // One that can't go on with its session loses its connection once more while it has none.
  if (connection.name === 'bot.connected') shards.add(shard);
  else if (!shards.delete(shard)) return;
  const bot = scopeOfClient(client);
  const target = { id: bot.id === undefined ? undefined : `${bot.id}/${shard}` };
  recordLife(bot, connection.name, { target, body: { shard, code: readId(args[0], 'code') } });
}
