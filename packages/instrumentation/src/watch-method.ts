import { guard } from './guard.js';
import { patchMethod } from './patch-method.js';

/**
 * Patches a method so that each call becomes known just before it is carried out; the call itself stays as it is.
 *
 * @param source what errors of ours are counted under: the framework's name.
 * @returns whether the method is patched now.
 */
export function watchMethod(
  target: object,
  name: PropertyKey,
  source: string,
  called: (self: object, args: readonly unknown[]) => void,
): boolean {
  return patchMethod(target, name, (method) => {
    return function (this: unknown, ...args) {
      guard(source, () => called(this as object, args));
      return Reflect.apply(method, this, args);
    };
  });
}
