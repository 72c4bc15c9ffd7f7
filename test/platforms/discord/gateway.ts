import type { WebSocket } from 'ws';
import { guildPayload } from './payloads.ts';
import { Session } from './session.ts';
import type { BotAccount, World } from './world.ts';

/** `GatewayOpcodes`. */
const OP = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  resume: 6,
  reconnect: 7,
  invalidSession: 9,
  hello: 10,
  heartbeatAck: 11,
} as const;

/** `GatewayCloseCodes`. */
export const CLOSE = { unknown: 4000, notAuthenticated: 4003, authenticationFailed: 4004, invalidShard: 4010 } as const;

interface Payload {
  readonly op: number;
  readonly d: unknown;
}

interface Identify {
  readonly token: string;
  readonly intents: number;
  readonly shard?: readonly [number, number];
}

interface Resume {
  readonly token: string;
  readonly session_id: string;
  readonly seq: number;
}

/** The gateway: bots connect to it, and are told of everything that happens where they are. */
export class Gateway {
  /** How often bots are asked to show that they are alive, in milliseconds. */
  heartbeatIntervalMs = 41_250;
  readonly #world: World;
  readonly #url: () => string;
  readonly #sessions = new Map<string, Session>();
  /** How many heartbeats have come. */
  heartbeats = 0;
  /** How often sessions were resumed. */
  resumed = 0;

  constructor(world: World, url: () => string) {
    this.#world = world;
    this.#url = url;
  }

  /** Sessions of a bot, by shard. */
  sessionsOf(bot: BotAccount): Session[] {
    return [...this.#sessions.values()].filter((session) => session.bot === bot);
  }

  /** A bot connects. */
  accept(socket: WebSocket): void {
    let session: Session | undefined;
    const send = (op: number, d: unknown) => socket.send(JSON.stringify({ op, d, s: null, t: null }));
    send(OP.hello, { heartbeat_interval: this.heartbeatIntervalMs });
    socket.on('message', (data) => {
      const { op, d } = JSON.parse(data.toString()) as Payload;
      if (op === OP.heartbeat) {
        this.heartbeats += 1;
        send(OP.heartbeatAck, undefined);
      } else if (op === OP.identify) {
        session = this.#identify(socket, d as Identify);
      } else if (op === OP.resume) {
        session = this.#resume(socket, d as Resume);
        if (!session) send(OP.invalidSession, false);
      } else if (!session) {
        socket.close(CLOSE.notAuthenticated, 'Not authenticated.');
      }
      this.#world.signal.notify();
    });
    socket.on('close', () => {
      session?.detach(socket);
      this.#world.signal.notify();
    });
  }

  /** Tells every bot of a guild, or of a direct message, what has happened there. */
  dispatch(
    place: { readonly guild?: string | undefined; readonly bots: readonly BotAccount[] },
    t: string,
    d: object,
  ): void {
    for (const session of this.#sessions.values()) {
      if (place.bots.includes(session.bot) && session.isOf(place.guild)) session.dispatch(t, d);
    }
    this.#world.signal.notify();
  }

  /** Asks a bot to connect anew and go on with its session. */
  askToReconnect(bot: BotAccount): void {
    for (const session of this.sessionsOf(bot)) session.send({ op: OP.reconnect, d: null, s: null, t: null });
  }

  /** Loses a bot's connections; with `forget`, its sessions too. */
  drop(bot: BotAccount, code: number = CLOSE.unknown, forget = false): void {
    for (const session of this.sessionsOf(bot)) {
      if (forget) this.#sessions.delete(session.id);
      session.close(code);
    }
  }

  #identify(socket: WebSocket, { token, intents, shard = [0, 1] }: Identify): Session | undefined {
    const bot = this.#world.bots.get(token);
    if (!bot) {
      socket.close(CLOSE.authenticationFailed, 'Authentication failed.');
      return undefined;
    }
    const session = new Session(bot, intents, shard, socket);
    this.#sessions.set(session.id, session);
    const guilds = [...this.#world.guilds.values()].filter(
      ({ id, members }) => members.has(bot.id) && session.isOf(id),
    );
    session.dispatch('READY', {
      v: 10,
      user: bot.user,
      guilds: guilds.map(({ id }) => ({ id, unavailable: true })),
      session_id: session.id,
      resume_gateway_url: this.#url(),
      shard,
      application: { id: bot.id, flags: 0 },
    });
    for (const guild of guilds) session.dispatch('GUILD_CREATE', guildPayload(guild));
    session.identified = true;
    return session;
  }

  #resume(socket: WebSocket, { token, session_id, seq }: Resume): Session | undefined {
    const session = this.#sessions.get(session_id);
    if (session?.bot.token !== token) return undefined;
    this.resumed += 1;
    session.resume(socket, seq);
    return session;
  }
}
