// Audits bots made with echo-framework: node --import @botaudit/auto/register --import ./audit-echo.js bot.js
import { createRequire } from 'node:module';
import {
  auditInbound,
  auditOutbound,
  BotLife,
  botScopes,
  patchClasses,
  patchModule,
  readId,
  recordHandlerError,
  watchErrorHandler,
  watchStart,
} from '@botaudit/instrumentation';
import * as echo from 'echo-framework';

const FRAMEWORK = 'echo-framework';
const PLATFORM = 'echo';

/** `echo:<id>`; ids that aren't there stay away. */
const idOf = (id) => (id === undefined ? undefined : `${PLATFORM}:${id}`);
const scopes = botScopes(FRAMEWORK, PLATFORM);
const scopeOf = (bot) => scopes(idOf(readId(bot, 'id')));
const life = new BotLife(scopeOf);

/** What reaches a bot: who did what. Ids only, never what somebody wrote. */
function mapMessage(message) {
  const text = typeof message?.text === 'string' ? message.text : '';
  const command = /^\/\w{1,64}/.exec(text)?.[0];
  return {
    name: command ? 'bot.command' : 'bot.message',
    actor: { id: idOf(readId(message, 'from')) ?? 'unknown', type: 'user' },
    target: { id: idOf(readId(message, 'id')), type: 'message' },
    attributes: {
      'bot.update.id': readId(message, 'id'),
      'bot.update.type': 'message',
      'bot.chat.id': readId(message, 'room'),
      'bot.command.name': command,
    },
  };
}

/** What a bot does, by the method of the platform: the event from the catalogue, and what is acted upon. */
const METHODS = {
  say: (args) => ({ name: 'bot.message.send', target: { id: idOf(readId(args, 'room')), type: 'chat' } }),
  ban: (args) => ({ name: 'bot.member.ban', target: { id: idOf(readId(args, 'user')), type: 'user' } }),
  poll: () => undefined,
};

function mapCall(method, args) {
  const known = Object.hasOwn(METHODS, method) ? METHODS[method](args) : { name: 'bot.api.call' };
  return known && { ...known, method, attributes: { 'bot.chat.id': readId(args, 'room') } };
}

function patchBot(prototype) {
  auditInbound(prototype, 'receive', FRAMEWORK, (bot, [message]) => {
    return { root: life.updated(bot), bot: scopeOf(bot), event: mapMessage(message) };
  });
  watchErrorHandler(prototype, 'catch', FRAMEWORK, ([error, message, bot]) => {
    recordHandlerError({ bot: scopeOf(bot), event: mapMessage(message) }, error);
  });
  auditOutbound(prototype, 'call', FRAMEWORK, (bot, [method, args]) => {
    const action = mapCall(method, args);
    return { outbound: action && { bot: scopeOf(bot), action, args } };
  });
  watchStart(prototype, 'run', FRAMEWORK, life, { updates: () => 'polling', lasts: true });
}

const { version } = createRequire(import.meta.url)('echo-framework/package.json');
const patch = patchClasses({ EchoBot: patchBot });
const supported = { from: '1.0.0', below: '2.0.0' };
patchModule({ module: 'echo-framework', framework: FRAMEWORK, supported, files: [], patch }, echo, version);
