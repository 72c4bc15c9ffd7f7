import { guard } from './guard.js';

/**
 * Notices when an instance of a class is first given a member, such as in its constructor: for parts of a framework that
 * it does not export. A setter on the prototype sees the value, gives the instance its own plain member, and is out of
 * the way. Works on classes that assign their fields, not on those that define them.
 *
 * @param source what errors of ours are counted under: the framework's name.
 * @param notice is called once the member is there.
 * @returns whether assignments are noticed now, by this copy of the code or another; `false` where the prototype has
 * such a member already.
 */
export function noticeAssignment(
  prototype: object,
  name: string,
  source: string,
  notice: (instance: object, value: unknown) => void,
): boolean {
  if (Object.hasOwn(prototype, name)) return Object.getOwnPropertyDescriptor(prototype, name)?.set !== undefined;
  return Reflect.defineProperty(prototype, name, {
    configurable: true,
    get: () => undefined,
    set(this: object, value: unknown) {
      Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
      guard(source, () => notice(this, value));
    },
  });
}
