import { type AuditedModule, type PatchableClass, patchClasses } from '@botaudit/instrumentation';
import { patchApi, patchApiOfBot } from './api.js';
import { patchBot, patchComposer } from './bot.js';
import { patchRunner } from './runner.js';
import { FRAMEWORK } from './scope.js';

/** What is patched in grammY 1.x, and in plugins that start bots their own way. */
export const GRAMMY_MODULES: readonly AuditedModule[] = [
  {
    module: 'grammy',
    framework: FRAMEWORK,
    supported: { from: '1.7.1', below: '2.0.0' },
    files: ['out/bot.js', 'out/composer.js', 'out/core/api.js'],
    patch: patchClasses({ Bot: patchBots, Composer: patchComposer, Api: (_, Api) => patchApis(Api) }),
  },
  {
    module: '@grammyjs/runner',
    supported: { from: '2.0.0', below: '3.0.0' },
    files: ['out/runner.js'],
    patch: patchRunner,
  },
];

let warned = false;

function patchBots(prototype: object): void {
  patchBot(prototype);
  patchApiOfBot(prototype);
}

function patchApis(Api: PatchableClass): void {
  if (patchApi(Api as new (token: string) => object) || warned) return;
  warned = true;
  process.stderr.write(
    'botaudit: this build of grammY can not be audited as a whole: what the bot does is NOT recorded. ' +
      'Use the build for Node.js ("grammy", not "grammy/web")\n',
  );
}
