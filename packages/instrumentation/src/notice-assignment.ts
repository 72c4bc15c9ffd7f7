import { guard } from './guard.js';

/**
 * Notices when an instance of a class is first given a member, such as in its constructor: for parts of a framework that
 * it does not export. A setter on the prototype sees the value, gives the instance its own plain member, and is out of
 * the way. Works on classes that assign their fields, not on those that define them. Works too on the exports of a
 * CommonJS module that is being loaded: compilers have it say first that it exports something, `undefined` until it does.
 *
 * @param source what errors of ours are counted under: the framework's name.
 * @param notice is called once the member is there.
 * @returns whether assignments are noticed now, by this copy of the code or another; `false` where there is such a
 * member already.
 */
export function noticeAssignment(
  prototype: object,
  name: string,
  source: string,
  notice: (instance: object, value: unknown) => void,
): boolean {
  const there = Object.getOwnPropertyDescriptor(prototype, name);
  const isAnnounced = there?.writable === true && there.value === undefined;
  if (there && !isAnnounced) return there.set !== undefined;
  return Reflect.defineProperty(prototype, name, {
    configurable: true,
    enumerable: isAnnounced,
    get: () => undefined,
    set(this: object, value: unknown) {
      Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
      guard(source, () => notice(this, value));
    },
  });
}
