import { read } from './read.js';

/** A class, seen from outside. */
export interface PatchableClass {
  readonly name: string;
  readonly prototype: object;
}

/** What is done to each class of a module, by its name. */
export type ClassPatches = Readonly<Record<string, (prototype: object, Class: PatchableClass) => void>>;

/**
 * What is to be done with what a module's files export, for {@link AuditedModule.patch}: each class is patched that
 * stands there by its name, or is all that a file exports, or what it exports by default. Those that a file doesn't have,
 * or doesn't have yet, are left out.
 */
export function patchClasses(patches: ClassPatches): (exports: object) => void {
  return (exports) => {
    const unnamed = [exports, read(exports, 'default')].filter(isClass);
    for (const [name, patch] of Object.entries(patches)) {
      const exported = read(exports, name);
      const found = isClass(exported) ? exported : unnamed.find((one) => one.name === name);
      if (found) patch(found.prototype, found);
    }
  };
}

function isClass(value: unknown): value is PatchableClass {
  return typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
}
