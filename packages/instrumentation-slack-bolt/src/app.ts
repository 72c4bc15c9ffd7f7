import {
  auditInbound,
  BotLife,
  guard,
  observe,
  patchMethod,
  type Received,
  read,
  readList,
  recordHandlerError,
} from '@botaudit/instrumentation';
import { mapBody } from '@botaudit/platform-slack';
import { told } from './client.js';
import { adoptToken, FRAMEWORK, scopeOfApp } from './scope.js';

const life = new BotLife(scopeOfApp);

/** Patches what reaches apps, their handled errors and their life, of `App`. */
export function patchApp(prototype: object): void {
  auditInbound(prototype, 'processEvent', FRAMEWORK, receive);

  // Where listeners' errors go, before the application's handler or the default one.
  patchMethod(prototype, 'handleError', (handleError) => {
    return function (this: unknown, ...args) {
      guard(FRAMEWORK, () => recordErrors(this as object, args[0]));
      return Reflect.apply(handleError, this, args);
    };
  });

  // Called by the constructor once the app has its client, and before that asks who it is.
  patchMethod(prototype, 'initReceiver', (initReceiver) => {
    return function (this: unknown, ...args) {
      guard(FRAMEWORK, () => adoptToken(read(this, 'client', 'token')));
      return Reflect.apply(initReceiver, this, args);
    };
  });

  patchMethod(prototype, 'start', (start) => {
    return function (this: unknown, ...args) {
      const app = this as object;
      if (!guard(FRAMEWORK, () => begins(app))) return Reflect.apply(start, this, args);
      try {
        return observe(Reflect.apply(start, this, args), (settlement) => {
          if (settlement.status === 'rejected') guard(FRAMEWORK, () => fails(app, settlement.reason));
          else guard(FRAMEWORK, () => whenTold(app, () => takesEvents(app)));
        });
      } catch (error) {
        guard(FRAMEWORK, () => fails(app, error));
        throw error;
      }
    };
  });

  patchMethod(prototype, 'stop', (stop) => {
    return function (this: unknown, ...args) {
      const app = this as object;
      const stops = guard(FRAMEWORK, () => {
        takesEvents(app);
        return life.stopping(app);
      });
      const stopped = Reflect.apply(stop, this, args);
      if (!stops) return stopped;
      return observe(stopped, () => guard(FRAMEWORK, () => life.ended(app)));
    };
  });
}

/** Apps that start, until it is recorded. */
const starting = new WeakSet<object>();

function begins(app: object): boolean {
  if (!life.starting(app)) return false;
  starting.add(app);
  return true;
}

function fails(app: object, error: unknown): void {
  starting.delete(app);
  life.ended(app, { error });
}

/** An app learns from Slack who it is while it starts. */
function whenTold(app: object, fn: () => void): void {
  const telling = told(read(app, 'client'));
  if (telling) void telling.then(() => guard(FRAMEWORK, fn));
  else fn();
}

function takesEvents(app: object): void {
  if (starting.delete(app)) life.started(app, read(app, 'socketMode') === true ? 'socket' : 'webhook');
}

function receive(app: object, [received]: readonly unknown[]): Received {
  const body = read(received, 'body');
  // Where it has not been told yet who it is.
  takesEvents(app);
  return {
    root: life.updated(app),
    bot: scopeOfApp(app, body),
    event: mapBody(body, { retryNum: read(received, 'retryNum'), retryReason: read(received, 'retryReason') }),
    cause,
    skip: () => acknowledge(received),
  };
}

/** Tells Slack that it need not deliver it again, as listeners do. */
async function acknowledge(received: unknown): Promise<void> {
  const ack = read(received, 'ack');
  if (typeof ack === 'function') await ack();
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
