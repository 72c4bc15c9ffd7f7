/** Any method, seen from outside. */
export type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Which members are patched already: one table a thread, shared by all copies of this package. */
const KEY = Symbol.for('botaudit.patched.1');

function patchedMembers(target: object): Set<PropertyKey> {
  const holder = globalThis as { [KEY]?: WeakMap<object, Set<PropertyKey>> };
  holder[KEY] ??= new WeakMap();
  const members = holder[KEY].get(target) ?? new Set();
  holder[KEY].set(target, members);
  return members;
}

/**
 * Puts a wrapper in the place of `target[name]`, once, however often it is asked to. It carries no marks of its own
 * and keeps those of nobody else: shimmer-style instrumentations unwrap what they take for their own, which would
 * switch this one off. So it stacks with other wrappers in any order. Name, length and attributes of the member stay.
 *
 * @param wrap makes the replacement; it has to call the original with the very `this` and arguments it was given.
 * @returns whether the member is patched now. `false` where there is no such method, or it can't be replaced.
 */
export function patchMethod(target: object, name: PropertyKey, wrap: (original: Method) => Method): boolean {
  const members = patchedMembers(target);
  if (members.has(name)) return true;
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  const original: unknown = descriptor?.value;
  if (!descriptor || typeof original !== 'function') return false;
  const replacement = wrap(original as Method);
  Object.defineProperty(replacement, 'name', { value: original.name, configurable: true });
  Object.defineProperty(replacement, 'length', { value: original.length, configurable: true });
  // Refused by frozen objects, and by the namespaces of ES modules.
  const replaced = Reflect.defineProperty(target, name, { ...descriptor, value: replacement });
  if (replaced) members.add(name);
  return replaced;
}
