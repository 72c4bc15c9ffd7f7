import { type AuditedModule, noticeAssignment, patchClasses, read } from '@botaudit/instrumentation';
import { patchApp } from './app.js';
import { patchClient } from './client.js';
import { patchMiddleware } from './listeners.js';
import { CLIENT_ALONE, FRAMEWORK } from './scope.js';

/** What is patched in Bolt 4.x and 5.x, and in the client that it comes with or that is used without it. */
export const SLACK_BOLT_MODULES: readonly AuditedModule[] = [
  {
    module: '@slack/bolt',
    framework: FRAMEWORK,
    supported: { from: '4.0.0', below: '6.0.0' },
    files: ['dist/App.js', 'dist/middleware/process.js'],
    patch: patchBolt,
  },
  {
    module: '@slack/web-api',
    framework: CLIENT_ALONE,
    supported: { from: '7.0.0', below: '9.0.0' },
    files: ['dist/WebClient.js'],
    patch: patchWebApi,
  },
];

const patchWebClient = patchClasses({ WebClient: patchClient });

function patchWebApi(exports: object): void {
  patchWebClient(exports);
  // No other file is asked for once it is there, so that would be the last chance.
  if (read(exports, 'WebClient') === undefined) noticeAssignment(exports, 'WebClient', CLIENT_ALONE, patchWebClient);
}

const patchApps = patchClasses({ App: patchApp });

function patchBolt(exports: object): void {
  patchApps(exports);
  // A file of its own exports the function by which apps run their middleware.
  const main = read(exports, 'default');
  if (typeof main === 'function' && main.prototype === undefined) patchMiddleware(exports);
}
