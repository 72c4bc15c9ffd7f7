import { type AuditedModule, noticeAssignment, type PatchableClass, patchClasses } from '@botaudit/instrumentation';
import { patchBot, patchComposer } from './bot.js';
import { patchClient } from './client.js';
import { FRAMEWORK } from './scope.js';

/** What is patched in Telegraf 4.x. */
export const TELEGRAF_MODULES: readonly AuditedModule[] = [
  {
    module: 'telegraf',
    framework: FRAMEWORK,
    supported: { from: '4.0.0', below: '5.0.0' },
    files: ['lib/telegraf.js', 'lib/telegram.js'],
    patch: patchClasses({ Telegram: patchClientOf, Telegraf: patchTelegraf }),
  },
];

function patchTelegraf(prototype: object, Telegraf: PatchableClass): void {
  patchBot(prototype);
  patchComposer(Object.getPrototypeOf(Telegraf));
  // The first versions do not export `Telegram`; every bot has one.
  noticeAssignment(prototype, 'telegram', FRAMEWORK, (_, telegram) => {
    patchClientOf(Object.getPrototypeOf(telegram));
  });
}

/** `Telegram` has a method for each of the Bot API's; all of them end up in `callApi` of what it extends. */
function patchClientOf(telegramPrototype: object): void {
  patchClient(Object.getPrototypeOf(telegramPrototype));
}
