import {
  auditInbound,
  BotLife,
  type Received,
  read,
  readList,
  recordHandlerError,
  watchMethod,
  watchStart,
  watchStop,
} from '@botaudit/instrumentation';
import { mapBody } from '@botaudit/platform-slack';
import { adoptToken, FRAMEWORK, identities, scopeOfApp } from './scope.js';

const life = new BotLife(scopeOfApp);

/** Patches what reaches apps, their handled errors and their life, of `App`. */
export function patchApp(prototype: object): void {
  auditInbound(prototype, 'processEvent', FRAMEWORK, receive);
  // Where listeners' errors go, before the application's handler or the default one.
  watchMethod(prototype, 'handleError', FRAMEWORK, (app, [args]) => recordErrors(app, args));
  // Called by the constructor once the app has its client, and before that asks who it is.
  watchMethod(prototype, 'initReceiver', FRAMEWORK, (app) => adoptToken(read(app, 'client', 'token')));
  watchStart(prototype, 'start', FRAMEWORK, life, {
    updates: (app) => (read(app, 'socketMode') === true ? 'socket' : 'webhook'),
    // An app learns from Slack who it is while it starts.
    named: (app) => identities.answered(read(app, 'client', 'token')),
  });
  watchStop(prototype, 'stop', FRAMEWORK, life);
}

function receive(app: object, [received]: readonly unknown[]): Received {
  const body = read(received, 'body');
  return {
    root: life.updated(app),
    bot: scopeOfApp(app, body),
    event: mapBody(body, { retryNum: read(received, 'retryNum'), retryReason: read(received, 'retryReason') }),
    cause,
  };
}

/** Bolt wraps what has no code of its own, and what several listeners threw. */
function cause(error: unknown): unknown {
  if (read(error, 'code') === 'slack_bolt_unknown_error') return read(error, 'original') ?? error;
  return readList(error, ['originals'], 1)[0] ?? error;
}

const MAX_LISTENERS = 20;

function recordErrors(app: object, args: unknown): void {
  const [error, body] = [read(args, 'error'), read(args, 'body')];
  const handled = { bot: scopeOfApp(app, body), event: mapBody(body) };
  const several = readList(error, ['originals'], MAX_LISTENERS);
  for (const one of several.length > 0 ? several : [error]) recordHandlerError(handled, one);
}
