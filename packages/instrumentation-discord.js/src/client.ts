import {
  auditInbound,
  BotLife,
  ownMethod,
  type Received,
  read,
  readId,
  recordErrorOfHandler,
  watchMethod,
  watchStart,
  watchStop,
} from '@botaudit/instrumentation';
import { mapDispatch, noteInteraction, ShardConnections } from '@botaudit/platform-discord';
import { FRAMEWORK, nameClient, scopeOfClient } from './scope.js';

/** A `Client` of discord.js, as far as it is used here. */
interface Client {
  readonly guilds?: { readonly cache: { has(id: string | undefined): boolean } };
}

const life = new BotLife(scopeOfClient);
const shards = new ShardConnections();

/** `Status.Ready`. */
const READY = 0;
/** What is handled before a client is ready; all else is put aside until then, and handed over once more. */
const HANDLED_EARLY: readonly unknown[] = ['GUILD_CREATE', 'GUILD_DELETE', 'GUILD_MEMBER_ADD', 'GUILD_MEMBER_REMOVE'];

/** Patches what the gateway dispatches to a client, of `WebSocketManager`. */
export function patchGateway(prototype: object): void {
  auditInbound(prototype, 'handlePacket', FRAMEWORK, receive);
  watchMethod(prototype, 'triggerClientReady', FRAMEWORK, (manager) => {
    const client = clientOf(manager);
    nameClient(client);
    life.started(client, 'gateway');
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
  };
}

/** A client is told of all guilds that it is in when it connects, and of those that were not to be reached. */
function isNewGuild({ guilds }: Client, packet: unknown): boolean {
  return guilds?.cache.has(readId(packet, 'd', 'id')) === false;
}

/** Patches the life of clients, and what is emitted by them, of `Client`. */
export function patchClient(prototype: object): void {
  watchStart(prototype, 'login', FRAMEWORK, life);
  watchStop(prototype, 'destroy', FRAMEWORK, life);
  ownMethod(prototype, 'emit');
  watchMethod(prototype, 'emit', FRAMEWORK, noticeEmitted);
}

/** What a client emits, as far as it says something of its interactions, errors, or shards. */
function noticeEmitted(client: object, [event, first, second]: readonly unknown[]): void {
  // What an asynchronous listener rejects with comes out here, in the context of what it was handling.
  if (event === 'error') recordErrorOfHandler(first);
  else if (event === 'interactionCreate') noteInteraction(first);
  else if (event === 'shardReady' || event === 'shardResume')
    shards.connected(scopeOfClient(client), client, readId(first));
  else if (event === 'shardReconnecting') shards.disconnected(scopeOfClient(client), client, readId(first));
  else if (event === 'shardDisconnect')
    shards.disconnected(scopeOfClient(client), client, readId(second), readId(first, 'code'));
}
