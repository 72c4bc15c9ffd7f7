import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { ForeignInstrumentation } from '../../instrumentation/test/foreign-instrumentation.js';
import { audit, type Discord, useStage } from './setup.js';

const stage = useStage();
const require = createRequire(import.meta.url);

/** A copy of discord.js, and of what it makes its requests with, that nobody has touched. */
function fresh(): Discord {
  for (const path of Object.keys(require.cache)) {
    if (/node_modules\/(discord\.js|@discordjs\/rest)\//.test(path)) delete require.cache[path];
  }
  return require('discord.js');
}

function wrap(other: ForeignInstrumentation, { Client, WebSocketManager, REST }: Discord): void {
  other.wrap(REST.prototype, 'request', ([request]) =>
    (request as { fullRoute: string }).fullRoute.replace(/\d.*/, ''),
  );
  for (const name of ['login', 'destroy']) other.wrap(Client.prototype, name);
  other.wrap(WebSocketManager.prototype, 'handlePacket', ([packet]) => String((packet as { t?: string })?.t));
}

test.each(['before', 'after'])(
  "an instrumentation of somebody else's that comes %s works, and so does this one",
  async (when) => {
    const { account, ada, channel, backend, run } = stage.current;
    const exports = fresh();
    const other = new ForeignInstrumentation();
    if (when === 'before') wrap(other, exports);
    audit(exports);
    if (when === 'after') wrap(other, exports);
    const client = stage.current.newClient(exports);
    client.on('interactionCreate', async (interaction) => {
      if (interaction.isChatInputCommand()) await interaction.reply('hello');
    });
    await run.call(stage.current, client, async () => {
      ada.runs(account, channel, 'start');
      await stage.current.records('bot.message.send');
    });
    expect(other.calls.filter((call) => !['MESSAGE_CREATE', 'undefined'].includes(call))).toEqual([
      'login',
      '/gateway/bot',
      'READY',
      'GUILD_CREATE',
      'INTERACTION_CREATE',
      '/interactions/',
      'destroy',
    ]);
    expect(backend.names.filter((name) => !name.endsWith('connected'))).toEqual([
      'bot.started',
      'bot.command',
      'bot.message.send',
      'bot.stopping',
      'bot.stopped',
    ]);
  },
);

test('patched again, it records once', async () => {
  const { backend, channel } = stage.current;
  for (let i = 0; i < 3; i++) audit(require('discord.js'));
  const rest = stage.current.newRest();
  await rest.post(`/channels/${channel.id}/messages`, { body: { content: 'hello' } });
  expect(backend.names).toEqual(['bot.message.send']);
});

test('wrappers of the application on one client, its listeners and its requests work too', async () => {
  const { account, ada, channel, backend } = stage.current;
  const client = stage.current.newClient();
  const seen: unknown[] = [];
  const request = client.rest.request.bind(client.rest);
  client.rest.request = (options) => {
    seen.push(options.method);
    return request(options);
  };
  const { emit } = client;
  client.emit = function (this: unknown, ...args: unknown[]) {
    if (args[0] === 'interactionCreate') seen.push(args[0]);
    return Reflect.apply(emit, this, args);
  } as typeof emit;
  const once = () => seen.push('once');
  const removed = () => seen.push('removed');
  client.on('interactionCreate', removed);
  client.once('interactionCreate', once);
  client.off('interactionCreate', removed);
  expect(client.listeners('interactionCreate')).toEqual([once]);
  client.on('interactionCreate', async (interaction) => {
    if (interaction.isChatInputCommand()) await interaction.reply('hello');
  });
  await stage.current.run(client, async () => {
    for (let count = 1; count <= 2; count++) {
      ada.runs(account, channel, 'start');
      await stage.current.records('bot.message.send', count);
    }
  });
  expect(seen).toEqual(['GET', 'interactionCreate', 'once', 'POST', 'interactionCreate', 'POST']);
  expect(backend.named('bot.command')).toHaveLength(2);
});
