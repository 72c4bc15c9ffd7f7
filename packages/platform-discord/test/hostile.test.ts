import { botScope } from '@botaudit/instrumentation';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mapRequest } from '../src/actions.js';
import { readAnswer } from '../src/answer.js';
import { mapDispatch } from '../src/dispatches.js';
import { EVENTS } from '../src/events.js';
import { READING, ROUTES } from '../src/routes.js';

const BOT = botScope('test', 'discord', 'discord:7');

/** An object every look at which throws. */
const thrower = new Proxy(Object.create(null), {
  get: () => {
    throw new Error('looked at');
  },
  ownKeys: () => {
    throw new Error('looked at');
  },
  getOwnPropertyDescriptor: () => {
    throw new Error('looked at');
  },
});
const cycle: Record<string, unknown> = { id: '1' };
for (const key of ['user', 'member', 'author', 'message', 'data', 'options', 'body', 'resource']) cycle[key] = cycle;

const KEYS = [
  ...['id', 'type', 'user', 'member', 'author', 'data', 'options', 'values', 'value', 'name', 'guild_id', 'channel_id'],
  ...['message', 'changes', 'action_type', 'role', 'ids', 'resolved', 'component_type', '__proto__', 'constructor'],
];
const anything = fc.oneof(
  { weight: 4, arbitrary: fc.anything({ withNullPrototype: true, withBigInt: true, maxDepth: 3 }) },
  fc.constantFrom(thrower, cycle, JSON.parse('{"__proto__": {"id": "666", "bot": true}}')),
);
const payload = fc.oneof(
  anything,
  fc.dictionary(fc.constantFrom(...KEYS), fc.oneof(anything, fc.constantFrom('1', 1, 2, 6, '$add')), { maxKeys: 8 }),
);

test('no dispatch makes the mapping throw, or gives an actor or target that is no id', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(EVENTS), 'NOVELTY'), payload, (t, d) => {
      const event = mapDispatch({ t, d });
      if (!event) return;
      expect(event.actor.id).toMatch(/^(discord:\d{1,20}|anonymous|unknown)$/);
      expect(event.target?.id ?? 'discord:1').toMatch(/^discord:\d{1,20}(\/\d{1,20})?$/);
      expect(event.actor.id).not.toBe('discord:666');
    }),
    { numRuns: 500 },
  );
  for (const packet of [undefined, null, 5, 'x', thrower, cycle, []]) expect(mapDispatch(packet)).toBeUndefined();
});

test('no request makes the mapping throw, whatever stands in its route and body', () => {
  const routes = [...Object.keys(ROUTES), ...READING].map((route) => route.split(' ') as [string, string]);
  const segment = fc.oneof(fc.constantFrom('1', '@me', '..', '%', '', '__proto__', 'constructor'), fc.string());
  const request = fc
    .tuple(fc.constantFrom(...routes), fc.array(segment, { minLength: 6, maxLength: 6 }), payload, anything)
    .map(([[method, path], values, body, headers]) => {
      let index = 0;
      return { method, fullRoute: path.replaceAll(/:\w+/g, () => values[index++] ?? ''), body, headers };
    });
  fc.assert(
    fc.property(fc.oneof(request, anything), payload, (given, answer) => {
      const action = mapRequest(given, BOT);
      if (!action) return;
      expect(action.method).toMatch(/^[A-Z]+ (\/[\w@:.-]*)+$/);
      expect(action.target?.id).toMatch(/^discord:\d{1,20}(\/\d{1,20})?$/);
      for (const settlement of [
        { status: 'fulfilled', value: answer },
        { status: 'rejected', reason: answer },
      ] as const) {
        expect(['success', 'failure', 'unknown']).toContain(readAnswer(settlement, action).outcome);
      }
    }),
    { numRuns: 500 },
  );
});
