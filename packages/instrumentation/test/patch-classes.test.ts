import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { ownMethod } from '../src/own-method.js';
import { patchClasses } from '../src/patch-classes.js';
import { patchMethod } from '../src/patch-method.js';

class Bot {}
class Client {}

/** Which classes are patched of what a file exports. */
function patched(exports: object): unknown[] {
  const found: unknown[] = [];
  const note = (prototype: object, Class: { readonly prototype: object }) => {
    expect(Class.prototype).toBe(prototype);
    found.push(Class);
  };
  patchClasses({ Bot: note, Client: note })(exports);
  return found;
}

test('classes are found by their names, behind getters too, and those that are not there are left out', () => {
  expect(patched({ Bot, Client, Other: class {} })).toEqual([Bot, Client]);
  expect(patched(Object.defineProperty({}, 'Client', { get: () => Client, enumerable: true }))).toEqual([Client]);
  expect(patched({ Bot: undefined, Client: () => undefined })).toEqual([]);
});

test('a class is found that is all that a file exports, or its default', () => {
  expect(patched(Client)).toEqual([Client]);
  expect(patched({ default: Bot })).toEqual([Bot]);
  expect(patched({ default: class Other {} })).toEqual([]);
});

test('an export under another name of the class is found by the name of the export', () => {
  expect(patched({ Bot: Client })).toEqual([Client]);
});

test('an export that can not be looked at is none', () => {
  const exports = Object.defineProperty({ Client }, 'Bot', {
    get: () => {
      throw new Error('theirs');
    },
  });
  expect(patched(exports)).toEqual([Client]);
});

test('an inherited method that is made the class’s own is patched there alone, and stays what it was', () => {
  class Emitter extends EventEmitter {}
  ownMethod(Emitter.prototype, 'emit');
  ownMethod(Emitter.prototype, 'noSuchMethod');
  expect(Object.getOwnPropertyNames(Emitter.prototype)).toEqual(['constructor', 'emit']);
  expect([Emitter.prototype.emit.name, Emitter.prototype.emit.length]).toEqual(['emit', 1]);
  const seen: unknown[] = [];
  patchMethod(Emitter.prototype, 'emit', (emit) => {
    return function (this: unknown, ...args) {
      seen.push(args);
      return Reflect.apply(emit, this, args);
    };
  });
  const [emitter, other] = [new Emitter(), new EventEmitter()];
  emitter.on('said', (what) => seen.push(what));
  expect(emitter.emit('said', 'hello')).toBe(true);
  expect(other.emit('said', 'hello')).toBe(false);
  expect(seen).toEqual([['said', 'hello'], 'hello']);
});
