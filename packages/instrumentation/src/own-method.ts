/**
 * Gives a class a method of its own that does what the inherited one does, whoever may patch that, so that it can be
 * patched for this class alone: `emit` of what extends `EventEmitter`. One that it has stays.
 */
export function ownMethod(prototype: object, name: string): void {
  const parent = Object.getPrototypeOf(prototype);
  const inherited: unknown = Reflect.get(parent, name);
  if (Object.hasOwn(prototype, name) || typeof inherited !== 'function') return;
  const own = function (this: unknown, ...args: unknown[]): unknown {
    return Reflect.apply(Reflect.get(parent, name), this, args);
  };
  for (const member of ['name', 'length'] as const) {
    Object.defineProperty(own, member, { value: inherited[member], configurable: true });
  }
  Object.defineProperty(prototype, name, { value: own, writable: true, configurable: true });
}
