import { type AuditContext, activeContext } from '@botaudit/api';
import {
  apart,
  auditOutbound,
  BotLife,
  guard,
  handleOutbound,
  type OutboundAction,
  patchMethod,
  read,
  watchMethod,
} from '@botaudit/instrumentation';
import { mapRequest, sentRequest, servedRequest, withTraceparent } from '@botaudit/platform-mcp';
import { FRAMEWORK, serverName, sideOf } from './scope.js';

type Handler = (request: unknown, extra: unknown) => unknown;

const life = new BotLife((protocol) => sideOf(protocol).scope);

/** Patches what both sides of a connection have in common: `Protocol`. */
export function patchProtocol(prototype: object): void {
  watchMethod(prototype, 'connect', FRAMEWORK, noteConnecting);

  patchMethod(prototype, '_onnotification', (onNotification) => {
    return function (this: unknown, ...args) {
      return arriving(this, () => Reflect.apply(onNotification, this, args));
    };
  });

  patchMethod(prototype, '_onrequest', (onRequest) => {
    return function (this: unknown, ...args) {
      const next = (): unknown => arriving(this, () => Reflect.apply(onRequest, this, args));
      const serve = guard(FRAMEWORK, () => serving(this as object, args[0]));
      return serve ? serve(next) : next();
    };
  });

  auditOutbound(prototype, 'request', FRAMEWORK, (protocol, [request, schema, options, ...rest]) => {
    const action = actionOf(protocol, request);
    if (!action) return undefined;
    const isConnected = read(protocol, '_transport') !== undefined;
    return {
      outbound: sentRequest(sideOf(protocol), action, request, options, isConnected),
      run: (method, trace) => {
        const traced = trace && guard(FRAMEWORK, () => withTraceparent(request as object, trace));
        return method(traced && [traced, schema, options, ...rest]);
      },
    };
  });
}

/** What was being handled when a connection was made. */
const connecting = new WeakMap<object, AuditContext>();

function noteConnecting(protocol: object): void {
  const context = activeContext();
  if (context) connecting.set(protocol, context);
  else connecting.delete(protocol);
}

/** What comes in over a connection later has nothing to do with what it was made for, whose context it comes in. */
function arriving<T>(protocol: unknown, fn: () => T): T {
  const context = activeContext();
  return context && connecting.get(protocol as object) === context ? apart(fn) : fn();
}

/**
 * Has the handler of a request be audited: it is taken from a table, at once, by what was patched.
 *
 * @returns `undefined` where there is nothing to audit: not a request that is, or nobody to handle it.
 */
function serving(protocol: object, request: unknown): ((next: () => unknown) => unknown) | undefined {
  if (sideOf(protocol).role === 'server') life.updated(protocol);
  const handlers = read(protocol, '_requestHandlers');
  const action = actionOf(protocol, request);
  if (!action || !(handlers instanceof Map)) return undefined;
  const method = read(request, 'method');
  const own: unknown = handlers.get(method);
  const handler = own ?? (protocol as { fallbackRequestHandler?: unknown }).fallbackRequestHandler;
  if (typeof handler !== 'function') return undefined;
  const audited = auditedHandler(protocol, action, handler as Handler);
  return (next) => {
    handlers.set(method, audited);
    try {
      return next();
    } finally {
      if (own === undefined) handlers.delete(method);
      else handlers.set(method, own);
    }
  };
}

function auditedHandler(protocol: object, action: OutboundAction, handler: Handler): Handler {
  return function (this: unknown, request, extra) {
    const next = (): unknown => Reflect.apply(handler, this, [request, extra]);
    const served = guard(FRAMEWORK, () => servedRequest(sideOf(protocol), action, request, extra));
    return served ? handleOutbound<unknown>(served, next) : next();
  };
}

function actionOf(protocol: object, request: unknown): OutboundAction | undefined {
  return mapRequest(request, serverName(protocol), sideOf(protocol).role);
}
