import fc from 'fast-check';
import { expect, test } from 'vitest';
import { askerOf } from '../src/asker.js';
import { argumentsOf, METHODS, mapRequest } from '../src/methods.js';
import { readSent, readServed } from '../src/outcome.js';
import { readTraceparent } from '../src/trace.js';

const fails = (): never => {
  throw new Error('theirs');
};

/** Values that can't be looked at, are endless, or mean to reach what everybody shares. */
const NASTY: readonly unknown[] = [
  Object.defineProperty({}, 'params', { get: fails, enumerable: true }),
  new Proxy(
    {},
    {
      get: fails,
      has: (_, key) => typeof key !== 'symbol' && fails(),
      ownKeys: fails,
      getOwnPropertyDescriptor: fails,
    },
  ),
  JSON.parse('{"__proto__":{"name":"polluted"},"constructor":{"prototype":{"name":"polluted"}}}'),
  Object.assign(Object.create({ name: 'inherited', uri: 'inherited' }), {}),
  (() => {
    const cycle: Record<string, unknown> = {};
    return Object.assign(cycle, { params: cycle, name: cycle, _meta: cycle, authInfo: cycle, extra: cycle });
  })(),
  'x'.repeat(1_000_000),
  Symbol('x'),
  Number.NaN,
];

const value = fc.oneof(fc.anything({ withNullPrototype: true, withBigInt: true }), fc.constantFrom(...NASTY));
const method = fc.oneof(fc.constantFrom(...Object.keys(METHODS), '__proto__', 'constructor', 'toString'), value);
const request = fc.oneof(
  value,
  fc.record({ method, params: value }),
  fc.record({ method, params: fc.record({ name: value, uri: value, taskId: value, arguments: value, _meta: value }) }),
);

test('no request can make its mapping throw, or say more than ids of a sane length', () => {
  fc.assert(
    fc.property(request, (one) => {
      argumentsOf(one);
      readTraceparent(one);
      const action = mapRequest(one, 'desk');
      if (!action) return;
      for (const said of [
        action.method,
        action.target?.id?.slice('mcp:desk/'.length),
        ...Object.values(action.attributes),
      ]) {
        expect(said === undefined || (typeof said === 'string' && said.length <= 256)).toBe(true);
      }
      expect(JSON.stringify(action)).not.toMatch(/polluted|inherited/);
    }),
  );
});

test('nothing that a handler is given can make its caller throw, or an identity of what is none', () => {
  const extra = fc.oneof(value, fc.record({ authInfo: fc.oneof(value, fc.record({ clientId: value, extra: value })) }));
  fc.assert(
    fc.property(request, extra, (one, given) => {
      expect(askerOf(one, given).actor.id).toMatch(/^(unknown|mcp:(client|user)\/.+)$/s);
    }),
  );
});

test('no result and no error can make reading it throw', () => {
  const settlement = fc.oneof(
    fc.record({ status: fc.constant('fulfilled' as const), value }),
    fc.record({ status: fc.constant('rejected' as const), reason: value }),
    fc.record({ status: fc.constant('rejected' as const), reason: fc.record({ code: value }) }),
  );
  fc.assert(
    fc.property(settlement, fc.boolean(), (one, cancelled) => {
      for (const { outcome } of [readServed(one, cancelled), readSent(one, cancelled, undefined)]) {
        expect(['success', 'failure', 'unknown']).toContain(outcome);
      }
    }),
  );
});

const ADDRESSES = {
  'file:///home/ada/notes.txt': 'file:///home/ada/notes.txt',
  'https://user:password@host/path?token=1#2': 'https://host/path',
  'postgres://app:password@db/orders': 'postgres://db/orders',
  'data:text/plain;base64,c2VjcmV0': 'data:',
  ' data:text/plain,secret': 'data:',
  'da\nta:text/plain,secret': 'data:',
  'https:/ada:secret@host/x': 'https://host/x',
  'https:\\\\ada:secret@host/x': 'https://host/x',
  'postgres:ada:secret@host/db': 'postgres:host/db',
  'mailto:ada@example.com': 'mailto:ada@example.com',
  'note://today': 'note://today',
  [`https://user:${'password'.repeat(50)}@host/path`]: 'https://host/path',
  'https://user:pass@word@host': 'https://host',
  'notes/ada@home.txt?key=1': 'notes/ada@home.txt',
  'urn:isbn:1': 'urn:isbn:1',
};

test.for(Object.entries(ADDRESSES))('of a resource at %s its address is recorded as %s', ([uri, said]) => {
  expect(mapRequest({ method: 'resources/read', params: { uri } }, 'desk')?.target?.id).toBe(`mcp:desk/${said}`);
});
