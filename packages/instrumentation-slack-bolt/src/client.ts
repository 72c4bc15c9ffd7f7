import { auditOutbound, read } from '@botaudit/instrumentation';
import { slackCall } from '@botaudit/platform-slack';
import { CLIENT_ALONE, identities, scopeOfClient } from './scope.js';

/** Audits the calls of every client, of apps and of those who use it alone; retries of a call are part of it. */
export function patchClient(prototype: object): void {
  auditOutbound(prototype, 'apiCall', CLIENT_ALONE, (client, [method, options]) => {
    if (typeof method !== 'string') return undefined;
    const token = read(options, 'token') ?? read(client, 'token');
    return {
      outbound: slackCall(scopeOfClient(client, options), method, options),
      run: (apiCall) => identities.learning(method, token, apiCall()),
    };
  });
}
