import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AuditBackend, Occurrence, OccurrenceQuery } from '../src/index.js';
import {
  DuplicateActionError,
  InvalidEventError,
  once,
  record,
  registerBackend,
  unregisterBackend,
} from '../src/index.js';
import { fakeBackend } from './fake-backend.js';

afterEach(() => unregisterBackend());

/** A backend that knows of duplicates what `occurrence` says. */
function knowing(occurrence: Partial<Occurrence> = {}) {
  const asked: OccurrenceQuery[] = [];
  const told: unknown[] = [];
  const backend = {
    ...fakeBackend(),
    hashArguments: (method: string, args: unknown) => `${method} ${JSON.stringify(args)}`,
    occurrence(query: OccurrenceQuery): Occurrence {
      asked.push(query);
      return { recorded: (id) => void told.push(id), ended: (outcome) => void told.push(outcome), ...occurrence };
    },
  };
  registerBackend(backend satisfies AuditBackend);
  return { backend, asked, told };
}

let warnings: unknown[][];
beforeEach(() => {
  warnings = [];
  vi.spyOn(process, 'emitWarning').mockImplementation((...args: unknown[]) => void warnings.push(args));
});
afterEach(() => vi.restoreAllMocks());

test('without a backend a function runs each time, and the process is warned once', async () => {
  let runs = 0;
  for (let time = 0; time < 2; time++) await once('a', () => ++runs);
  expect(runs).toBe(2);
  expect(warnings).toEqual([
    [expect.stringMatching(/runs its function each time/), { code: 'BOTAUDIT_ONCE_UNPROTECTED' }],
  ]);
});

test('a key is one for each name and service, and only its hash goes into records', async () => {
  const { backend, asked, told } = knowing();
  expect(await once('order-1', async () => 'paid', { name: 'payment.transfer' })).toBe('paid');
  const hash = 'key of payment.transfer ["service:shop","order-1"]';
  expect(asked).toEqual([{ name: 'payment.transfer', kind: 'key', key: `key\0${hash}`, onDuplicate: 'block' }]);
  expect(told).toEqual(['record-1', 'success']);
  expect(backend.events.map(({ outcome, attributes }) => [outcome, attributes?.['bot.action.key_hash']])).toEqual([
    ['unknown', hash],
    ['success', hash],
  ]);
});

test('what is a duplicate does not run, and is on record', async () => {
  const refused = new DuplicateActionError('payment.transfer', { recordId: 'r1', isDone: true });
  const { backend } = knowing({ refused, marks: { 'bot.duplicate': true, 'bot.duplicate.of': 'r1' } });
  await expect(once('a', () => expect.fail('it ran'))).rejects.toBe(refused);
  expect(backend.events).toMatchObject([
    { outcome: 'failure', attributes: { 'bot.duplicate.of': 'r1', 'error.type': 'DuplicateActionError' } },
  ]);
});

test('an outcome that can not be recorded does not look as if nothing had been done', async () => {
  const { backend } = knowing();
  const { write } = backend;
  backend.write = (event) => {
    if (event.outcome === 'success') throw new Error('full');
    return write(event);
  };
  expect(await once('a', () => 'paid')).toBe('paid');
});

test('an error is the very one, and says that nothing was done only where the application says so', async () => {
  const { told } = knowing();
  const error = new RangeError('429');
  await expect(once('a', () => Promise.reject(error))).rejects.toBe(error);
  await expect(once('a', () => Promise.reject(error), { isRefusal: () => true })).rejects.toBe(error);
  const broken = () => {
    throw new Error('broken');
  };
  await expect(once('a', () => Promise.reject(error), { isRefusal: broken })).rejects.toBe(error);
  expect(told.filter((each) => !String(each).startsWith('record-'))).toEqual(['unknown', 'failure', 'unknown']);
});

test.each(['', 7 as never, undefined as never, 'x'.repeat(4097)])(
  '%s is no key, with and without a backend',
  async (key) => {
    await expect(once(key, () => expect.fail('it ran'))).rejects.toBeInstanceOf(InvalidEventError);
    knowing();
    await expect(once(key, () => expect.fail('it ran'))).rejects.toBeInstanceOf(InvalidEventError);
    const event = { name: 'a', action: 'SEND', outcome: 'success', idempotencyKey: key } as const;
    if (key !== undefined) expect(() => record(event)).toThrow(InvalidEventError);
  },
);
