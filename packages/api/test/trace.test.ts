import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { record, registerBackend, runAs, type TraceIds, unregisterBackend, withContext } from '../src/index.js';
import { fakeBackend } from './fake-backend.js';

const TRANSFER = { name: 'payment.transfer', action: 'EXECUTE', outcome: 'success' } as const;
const ids = (trace: string, span: string): TraceIds => {
  return { traceId: trace.repeat(32), spanId: span.repeat(16), traceFlags: 1 };
};
const UPDATE = ids('a', '1');

const KEY = Symbol.for('opentelemetry.js.api.1');
const holder = globalThis as { [KEY]?: unknown };

/** A tracing SDK of any 1.x of the API, in which a span is active. */
function activate(span: object | undefined): void {
  const values = new Map([[Symbol.for('OpenTelemetry Context Key SPAN'), span]]);
  holder[KEY] = { version: '1.4.0', context: { active: () => ({ getValue: (key: symbol) => values.get(key) }) } };
}

let backend = fakeBackend();

beforeEach(() => {
  backend = fakeBackend();
  registerBackend(backend);
});

afterEach(() => {
  unregisterBackend();
  delete holder[KEY];
});

describe('the trace of a record', () => {
  it('is that of the active span where no update is handled', () => {
    const span = ids('b', '2');
    activate({ spanContext: () => ({ ...span, isRemote: true, traceState: {} }) });
    record(TRANSFER);
    runAs({ id: 'crm:1', type: 'user' }, () => record(TRANSFER));
    expect(backend.events.map(({ trace }) => trace)).toEqual([span, span]);
  });

  it('is, within an update, that of an active span of its trace', () => {
    const span = ids('a', '2');
    activate({ spanContext: () => span });
    withContext({ trace: UPDATE }, () => record(TRANSFER));
    expect(backend.events[0]?.trace).toEqual(span);
  });

  it("is the update's own where the active span is of another trace", () => {
    activate({ spanContext: () => ids('b', '2') });
    withContext({ trace: UPDATE }, () => record(TRANSFER));
    expect(backend.events[0]?.trace).toEqual(UPDATE);
  });

  it('is the given one, whatever is active', () => {
    const given = ids('c', '3');
    activate({ spanContext: () => ids('a', '2') });
    withContext({ trace: UPDATE }, () => record({ ...TRANSFER, trace: given }));
    expect(backend.events[0]?.trace).toEqual(given);
  });

  it.each<[string, object | undefined]>([
    ['no span is active', undefined],
    ['nothing traces', { spanContext: () => ids('0', '0') }],
    [
      'the span is broken',
      {
        spanContext: () => {
          throw new Error('not ours');
        },
      },
    ],
  ])("is the update's own, or none, where %s", (_, span) => {
    activate(span);
    record(TRANSFER);
    withContext({ trace: UPDATE }, () => record(TRANSFER));
    expect(backend.events.map(({ trace }) => trace)).toEqual([undefined, UPDATE]);
  });
});
