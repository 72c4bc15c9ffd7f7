import type { AuditedModule } from '@botaudit/instrumentation';
import { patchClient, patchGateway } from './client.js';
import { patchRest } from './rest.js';
import { FRAMEWORK } from './scope.js';

interface Class {
  readonly prototype: object;
}

interface DiscordExports {
  readonly Client?: Class;
  readonly WebSocketManager?: Class;
}

/** What is patched in discord.js 14.x, and in what it makes its requests with, also where that is used alone. */
export const DISCORDJS_MODULES: readonly AuditedModule[] = [
  {
    module: 'discord.js',
    framework: FRAMEWORK,
    supported: { from: '14.16.0', below: '15.0.0' },
    files: ['src/client/Client.js', 'src/client/websocket/WebSocketManager.js'],
    patch: patchDiscord,
  },
  {
    module: '@discordjs/rest',
    framework: '@discordjs/rest',
    supported: { from: '2.4.0', below: '3.0.0' },
    files: ['dist/index.js'],
    bundles: ['dist/index.js'],
    esModules: { 'dist/index.mjs': ['REST'] },
    patch: ({ REST }: { readonly REST?: Class }) => REST && patchRest(REST.prototype),
  },
];

/** The main file exports all classes, each of the others its own. */
function patchDiscord(exports: DiscordExports | Class): void {
  for (const { prototype } of classesOf(exports)) {
    if (Object.hasOwn(prototype, 'handlePacket')) patchGateway(prototype);
    if (Object.hasOwn(prototype, 'login')) patchClient(prototype);
  }
}

function classesOf(exports: DiscordExports | Class): readonly Class[] {
  if (typeof exports === 'function') return [exports];
  const { Client, WebSocketManager } = exports as DiscordExports;
  return [Client, WebSocketManager].filter((one) => one !== undefined);
}
