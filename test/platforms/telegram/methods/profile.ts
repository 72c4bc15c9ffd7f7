import type { BotCommand, ChatAdministratorRights, MenuButton } from 'grammy/types';
import type { Call, Handlers } from '../call.ts';
import { badRequest } from '../errors.ts';
import { NO_RIGHTS } from '../rights.ts';

/** Commands are kept by scope and language. */
function scopeKey({ args }: Call): string {
  return JSON.stringify([args.json('scope') ?? { type: 'default' }, args.text('language_code')]);
}

function setText({ bot, args }: Call, name: string, limit: number): true {
  const text = args.text(name);
  if (text.length > limit) throw badRequest(`${name.replaceAll('_', ' ')} is too long`);
  bot.texts.set(`${name}:${args.text('language_code')}`, text);
  return true;
}

function textOf({ bot, args }: Call, name: string): string {
  const { texts } = bot;
  return texts.get(`${name}:${args.text('language_code')}`) ?? texts.get(`${name}:`) ?? '';
}

function audience({ args }: Call): 'groups' | 'channels' {
  return args.flag('for_channels') ? 'channels' : 'groups';
}

/** How a bot presents itself. */
export const profileMethods: Handlers<
  | 'setMyCommands'
  | 'deleteMyCommands'
  | 'getMyCommands'
  | 'setMyName'
  | 'getMyName'
  | 'setMyDescription'
  | 'getMyDescription'
  | 'setMyShortDescription'
  | 'getMyShortDescription'
  | 'setMyProfilePhoto'
  | 'removeMyProfilePhoto'
  | 'setChatMenuButton'
  | 'getChatMenuButton'
  | 'setMyDefaultAdministratorRights'
  | 'getMyDefaultAdministratorRights'
> = {
  setMyCommands(call) {
    const commands = call.args.json<BotCommand[]>('commands') ?? [];
    if (commands.some(({ command }) => !/^\/?[a-z0-9_]{1,32}$/.test(command))) throw badRequest('BOT_COMMAND_INVALID');
    call.bot.commands.set(scopeKey(call), commands);
    return true;
  },

  deleteMyCommands(call) {
    call.bot.commands.delete(scopeKey(call));
    return true;
  },

  getMyCommands: (call) => call.bot.commands.get(scopeKey(call)) ?? [],

  setMyName: (call) => setText(call, 'name', 64),
  getMyName: (call) => ({ name: textOf(call, 'name') || call.bot.me.first_name }),
  setMyDescription: (call) => setText(call, 'description', 512),
  getMyDescription: (call) => ({ description: textOf(call, 'description') }),
  setMyShortDescription: (call) => setText(call, 'short_description', 120),
  getMyShortDescription: (call) => ({ short_description: textOf(call, 'short_description') }),

  setMyProfilePhoto: (call) => Boolean(call.args.json('photo')) as true,
  removeMyProfilePhoto: () => true,

  setChatMenuButton({ bot, args }) {
    bot.menuButtons.set(args.integer('chat_id') ?? 0, args.json<MenuButton>('menu_button') ?? { type: 'default' });
    return true;
  },

  getChatMenuButton({ bot, args }) {
    const { menuButtons } = bot;
    return menuButtons.get(args.integer('chat_id') ?? 0) ?? menuButtons.get(0) ?? { type: 'commands' };
  },

  setMyDefaultAdministratorRights(call) {
    const rights = call.args.json<ChatAdministratorRights>('rights') ?? {};
    call.bot.defaultRights.set(audience(call), { ...NO_RIGHTS, ...rights });
    return true;
  },

  getMyDefaultAdministratorRights: (call) => call.bot.defaultRights.get(audience(call)) ?? NO_RIGHTS,
};
