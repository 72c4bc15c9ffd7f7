import { guard } from './guard.js';
import { patchMethod } from './patch-method.js';

/**
 * Patches a method whose first argument is a handler for errors, so that what such a handler is given becomes known:
 * frameworks swallow what they hand to it. The handler itself runs as before.
 *
 * @param source what errors of ours are counted under: the framework's name.
 * @param caught is called with the handler's arguments, just before it.
 * @returns whether the method is patched now.
 */
export function watchErrorHandler(
  target: object,
  name: PropertyKey,
  source: string,
  caught: (args: readonly unknown[]) => void,
): boolean {
  return patchMethod(target, name, (method) => {
    return function (this: unknown, handler, ...rest) {
      if (typeof handler !== 'function') return Reflect.apply(method, this, [handler, ...rest]);
      const watched = function (this: unknown, ...args: unknown[]): unknown {
        guard(source, () => caught(args));
        return Reflect.apply(handler, this, args);
      };
      return Reflect.apply(method, this, [watched, ...rest]);
    };
  });
}
