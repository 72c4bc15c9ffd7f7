const trap = (): never => {
  throw new Error('hands off');
};

const cyclic: Record<string, unknown> = { type: 'message', event_id: 'Ev1' };
cyclic.event = cyclic;
cyclic.user = cyclic;

/** What nobody should send, and what application code may make of it. */
export const HOSTILE: readonly (readonly [string, unknown])[] = [
  ['whose members throw', new Proxy({}, { get: trap, ownKeys: trap, getOwnPropertyDescriptor: trap, has: trap })],
  ['with getters that throw', Object.defineProperties({}, { event: { get: trap }, channel: { get: trap } })],
  ['that hold themselves', cyclic],
  ['with keys that pollute prototypes', JSON.parse('{"__proto__":{"user":"U1"},"event":{"__proto__":{"type":"x"}}}')],
  ['of a million members', Object.fromEntries(Array.from({ length: 1_000_000 }, (_, index) => [`x${index}`, index]))],
  ['of wrong types', { event: 5, user: [], channel: {}, actions: 'x', view: null, type: 1, command: {} }],
  ['that are none', null],
];
