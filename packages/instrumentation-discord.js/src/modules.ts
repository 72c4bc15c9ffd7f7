import { type AuditedModule, patchClasses } from '@botaudit/instrumentation';
import { patchClient, patchGateway } from './client.js';
import { patchRest } from './rest.js';
import { FRAMEWORK } from './scope.js';
import { patchShard } from './sharding.js';

/** What is patched in discord.js 14.x, and in what it makes its requests with, also where that is used alone. */
export const DISCORDJS_MODULES: readonly AuditedModule[] = [
  {
    module: 'discord.js',
    framework: FRAMEWORK,
    supported: { from: '14.16.0', below: '15.0.0' },
    files: ['src/client/Client.js', 'src/client/websocket/WebSocketManager.js', 'src/sharding/Shard.js'],
    patch: patchClasses({ Client: patchClient, WebSocketManager: patchGateway, Shard: patchShard, REST: patchRest }),
  },
  {
    module: '@discordjs/rest',
    framework: '@discordjs/rest',
    supported: { from: '2.4.0', below: '3.0.0' },
    files: ['dist/index.js'],
    bundles: ['dist/index.js'],
    esModules: { 'dist/index.mjs': ['REST'] },
    patch: patchClasses({ REST: patchRest }),
  },
];
