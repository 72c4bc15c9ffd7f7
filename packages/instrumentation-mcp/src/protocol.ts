import { type AuditContext, AuditUnavailableError, activeContext } from '@botaudit/api';
import {
  type ActionResult,
  apart,
  BotLife,
  guard,
  handleOutbound,
  type OutboundAction,
  patchMethod,
  read,
  type Settlement,
} from '@botaudit/instrumentation';
import { askerOf } from './asker.js';
import { answerContent, describeParts } from './content.js';
import { argumentsOf, mapRequest } from './methods.js';
import { readSent, readServed, type Unsent } from './outcome.js';
import { FRAMEWORK, serverName, sideOf } from './scope.js';
import { withTraceparent } from './traceparent.js';

type Handler = (request: unknown, extra: unknown) => unknown;

const life = new BotLife((protocol) => sideOf(protocol).scope);

/** What the other side is told of a request that may not be carried out: why it can't be recorded is none of its business. */
const refuseAsker = (cause: AuditUnavailableError): Promise<never> =>
  Promise.reject(new AuditUnavailableError('Refused, since it could not be put on record', { cause }));

/** Patches what both sides of a connection have in common: `Protocol`. */
export function patchProtocol(prototype: object): void {
  patchMethod(prototype, 'connect', (connect) => {
    return function (this: unknown, ...args) {
      guard(FRAMEWORK, () => noteConnecting(this as object));
      return Reflect.apply(connect, this, args);
    };
  });

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

  patchMethod(prototype, 'request', (request) => {
    return function (this: unknown, ...args) {
      const next = (sent: readonly unknown[] = args): unknown => Reflect.apply(request, this, sent);
      const protocol = this as object;
      const action = guard(FRAMEWORK, () => actionOf(protocol, args[0]));
      if (!action) return next();
      const [asked, schema, options, ...rest] = args;
      const unsent = unsentFor(protocol, options);
      return handleOutbound(
        {
          bot: sideOf(protocol).scope,
          ...aboutRequest(action, asked),
          read: (settlement) => told(action, settlement, readSent(settlement, isAborted(options), unsent)),
          refuse: (error) => Promise.reject(error),
        },
        (trace) => {
          const traced = trace && guard(FRAMEWORK, () => withTraceparent(asked as object, trace));
          return next(traced ? [traced, schema, options, ...rest] : args);
        },
      );
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
  const { role } = sideOf(protocol);
  if (role === 'server') life.updated(protocol);
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
    const asker = guard(FRAMEWORK, () => askerOf(request, extra));
    if (!asker) return next();
    return handleOutbound(
      {
        bot: sideOf(protocol).scope,
        ...aboutRequest({ ...action, attributes: { ...action.attributes, ...asker.attributes } }, request),
        asker,
        read: (settlement) => told(action, settlement, readServed(settlement, isAborted(extra))),
        refuse: refuseAsker,
      },
      next,
    );
  };
}

function actionOf(protocol: object, request: unknown): OutboundAction | undefined {
  const action = mapRequest(request, serverName(protocol));
  if (!action) return undefined;
  return { ...action, attributes: { ...action.attributes, 'mcp.role': sideOf(protocol).role } };
}

/** What is recorded of a request, by either side. */
function aboutRequest(action: OutboundAction, request: unknown) {
  return {
    action,
    args: argumentsOf(request),
    request: () => read(request, 'params'),
    describe: describeParts,
  };
}

/** How it ended, with what was answered. */
function told({ method }: OutboundAction, settlement: Settlement, result: ActionResult): ActionResult {
  if (settlement.status !== 'fulfilled') return result;
  return { ...result, content: () => answerContent(method, settlement.value) };
}

function unsentFor(protocol: object, options: unknown): Unsent | undefined {
  if (isAborted(options)) return 'cancelled';
  return read(protocol, '_transport') === undefined ? 'not_connected' : undefined;
}

/** Whether what has a signal was cancelled. */
function isAborted(holder: unknown): boolean {
  // A getter of `AbortSignal` itself.
  const signal = read(holder, 'signal');
  return signal instanceof AbortSignal && signal.aborted;
}
