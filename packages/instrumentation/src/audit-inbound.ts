import { activeContext } from '@botaudit/api';
import { apart } from './apart.js';
import { guard } from './guard.js';
import { type Hold, holdUpdate } from './hold.js';
import { handleInbound, type Inbound } from './inbound.js';
import { patchMethod } from './patch-method.js';

/** What a framework's method brings in when it is called. */
export interface Received extends Omit<Inbound<unknown>, 'refuse' | 'skip'> {
  /** Default: a promise that rejects with the error. */
  readonly refuse?: Inbound<unknown>['refuse'] | undefined;
  /** Default: a promise of nothing. */
  readonly skip?: Inbound<unknown>['skip'] | undefined;
  /**
   * How it is held until it can be recorded, where the policy forbids to go on unrecorded: for what the bot fetched
   * itself; what is given up is refused then. Default: it is refused at once, for whoever handed it over to do so again.
   */
  readonly hold?: Hold | undefined;
  /** What the method is given instead of its arguments. Default: its arguments. */
  readonly args?: readonly unknown[] | undefined;
}

const reject: Inbound<unknown>['refuse'] = (error) => Promise.reject(error);
const resolve: Inbound<unknown>['skip'] = () => Promise.resolve();

/**
 * Patches the method by which a framework takes what reaches a bot, so that it is handled as {@link handleInbound} does.
 *
 * @param source what errors of ours are counted under: the framework's name.
 * @param receive says what it is, before the method runs; `undefined` for what is to leave no record. Where it throws,
 * the method runs unaudited. Either way it runs in nobody's context: what else is being handled has not led to it.
 * @returns whether the method is patched now.
 */
export function auditInbound(
  target: object,
  name: PropertyKey,
  source: string,
  receive: (self: object, args: readonly unknown[]) => Received | undefined,
): boolean {
  return patchMethod(target, name, (method) => {
    return function (this: unknown, ...args) {
      const received = guard(source, () => receive(this as object, args));
      if (!received) {
        const handOn = (): unknown => Reflect.apply(method, this, args);
        return activeContext() ? apart(handOn) : handOn();
      }
      const { hold, refuse = reject, skip = resolve } = received;
      const handle = (refuse: Inbound<unknown>['refuse']): unknown =>
        handleInbound({ ...received, refuse, skip }, () => Reflect.apply(method, this, received.args ?? args));
      return handle(hold ? (error) => holdUpdate(hold, error, handle, refuse) : refuse);
    };
  });
}
