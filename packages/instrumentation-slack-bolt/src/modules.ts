import { type AuditedModule, noticeAssignment } from '@botaudit/instrumentation';
import { patchApp } from './app.js';
import { patchClient } from './client.js';
import { patchMiddleware } from './listeners.js';
import { CLIENT_ALONE, FRAMEWORK } from './scope.js';

interface Class {
  readonly prototype: object;
}

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

function patchWebApi(exports: { readonly WebClient?: Class }): void {
  const { WebClient } = exports;
  if (WebClient) patchClient(WebClient.prototype);
  // No other file is asked for once it is there, so that would be the last chance.
  else noticeAssignment(exports, 'WebClient', CLIENT_ALONE, (_, Client) => patchClient((Client as Class).prototype));
}

/** Each file has one export by default: the class of apps, or the function that runs their middleware. */
function patchBolt(exports: { readonly App?: Class; readonly default?: unknown }): void {
  const App = exports.App ?? exports.default;
  if (typeof App !== 'function') return;
  if (App.prototype === undefined) patchMiddleware(exports);
  else patchApp(App.prototype);
}
