import type { AuditedModule } from '@botaudit/instrumentation';
import { patchClient, patchGateway } from './client.js';
import { patchRest } from './rest.js';
import { FRAMEWORK } from './scope.js';
import { patchShard } from './sharding.js';

interface Class {
  readonly prototype: object;
}

/** What is patched in discord.js 14.x, and in what it makes its requests with, also where that is used alone. */
export const DISCORDJS_MODULES: readonly AuditedModule[] = [
  {
    module: 'discord.js',
    framework: FRAMEWORK,
    supported: { from: '14.16.0', below: '15.0.0' },
    files: ['src/client/Client.js', 'src/client/websocket/WebSocketManager.js', 'src/sharding/Shard.js'],
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

/** What is patched of each class, by a method that it alone has. */
const CLASSES: Readonly<Record<string, (prototype: object) => void>> = {
  handlePacket: patchGateway,
  login: patchClient,
  respawn: patchShard,
  queueRequest: patchRest,
};

/** The main file exports all classes, each of the others its own. */
function patchDiscord(exports: object): void {
  const { Client, WebSocketManager, Shard, REST } = exports as Readonly<Record<string, unknown>>;
  for (const one of [exports, Client, WebSocketManager, Shard, REST]) {
    if (typeof one !== 'function') continue;
    for (const [method, patch] of Object.entries(CLASSES)) {
      if (Object.hasOwn(one.prototype, method)) patch(one.prototype);
    }
  }
}
