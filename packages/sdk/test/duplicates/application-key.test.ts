import { DuplicateActionError, once, record, registerBackend, unregisterBackend } from '@botaudit/api';
import { afterEach, describe, expect, it } from 'vitest';
import { streamsIn } from '../journal-of.js';
import { writePolicy } from '../policy-of.js';
import { directory, start } from '../running-backend.js';
import { counted } from './counted.js';

afterEach(() => unregisterBackend());

describe('the key of an application', () => {
  const transfer = { name: 'payment.transfer', action: 'EXECUTE', outcome: 'success' } as const;

  it('marks the second record with it, also after a restart, and never holds the key itself', async () => {
    const before = start();
    registerBackend(before);
    const first = record({ ...transfer, idempotencyKey: 'order-4711' });
    record({ ...transfer, idempotencyKey: 'order-4712' });
    record({ ...transfer, name: 'payment.refund', idempotencyKey: 'order-4711' });
    await before.shutdown();
    unregisterBackend();
    const after = start();
    registerBackend(after);
    record({ ...transfer, idempotencyKey: 'order-4711' });
    await after.shutdown();
    const records = streamsIn(directory)
      .flat()
      .filter(({ eventName }) => eventName.startsWith('payment.'));
    const marked = records.filter(({ attributes }) => attributes['bot.duplicate']);
    expect(marked.map(({ attributes }) => attributes['bot.duplicate.of'])).toEqual([first]);
    expect(records).toHaveLength(4);
    expect(JSON.stringify(records)).not.toContain('order-47');
    expect(counted()).toEqual(['other key 1']);
  });

  it('is free again after a failure', () => {
    registerBackend(start());
    record({ ...transfer, outcome: 'failure', idempotencyKey: 'a' });
    record({ ...transfer, idempotencyKey: 'a' });
    const marked = streamsIn(directory)
      .flat()
      .filter(({ attributes }) => attributes['bot.duplicate']);
    expect(marked).toEqual([]);
  });

  it('refuses the second one where the policy says so, on record', () => {
    writePolicy(directory, '{ event: payment.transfer, on_duplicate: block }');
    registerBackend(start());
    const first = record({ ...transfer, idempotencyKey: 'a' });
    expect(() => record({ ...transfer, idempotencyKey: 'a' })).toThrow(DuplicateActionError);
    const records = streamsIn(directory)
      .flat()
      .filter(({ eventName }) => eventName === 'payment.transfer');
    expect(
      records.map(({ attributes: of }) => [of['audit.outcome'], of['error.type'], of['bot.duplicate.of']]),
    ).toEqual([
      ['success', undefined, undefined],
      ['failure', 'DuplicateActionError', first],
    ]);
  });

  it('is not looked at where the policy allows duplicates', () => {
    writePolicy(directory, '{ event: payment.transfer, on_duplicate: allow }');
    registerBackend(start());
    for (let time = 0; time < 2; time++) record({ ...transfer, idempotencyKey: 'a' });
    expect(
      streamsIn(directory)
        .flat()
        .filter(({ attributes }) => attributes['bot.duplicate']),
    ).toEqual([]);
  });

  it('runs a function once, with its attempt and its outcome on record', async () => {
    registerBackend(start());
    let runs = 0;
    const pay = () =>
      once('order-1', async () => ++runs, { name: 'payment.transfer', target: { id: 'account:1', type: 'account' } });
    expect(await pay()).toBe(1);
    await expect(pay()).rejects.toThrow('payment.transfer was carried out before');
    expect(runs).toBe(1);
    const records = streamsIn(directory)
      .flat()
      .filter(({ eventName }) => eventName === 'payment.transfer');
    expect(
      records.map(({ attributes: of }) => [
        of['bot.action.stage'],
        of['audit.outcome'],
        of['error.type'],
        of['bot.duplicate'],
      ]),
    ).toEqual([
      ['attempt', 'unknown', undefined, undefined],
      ['outcome', 'success', undefined, undefined],
      [undefined, 'failure', 'DuplicateActionError', true],
    ]);
    const [attempt, outcome] = records;
    expect(outcome?.attributes['bot.action.attempt.record_id']).toBe(attempt?.attributes['audit.record.id']);
  });

  it('keeps a function from running again that failed, unless its error says that nothing was done', async () => {
    registerBackend(start());
    const broken = new Error('timeout');
    const options = { isRefusal: (error: unknown) => (error as Error).message === '429' };
    await expect(once('a', () => Promise.reject(broken), options)).rejects.toBe(broken);
    await expect(once('a', () => 'paid', options)).rejects.toThrow(/whether it was carried out is not known/);
    await expect(once('b', () => Promise.reject(new Error('429')), options)).rejects.toThrow('429');
    expect(await once('b', () => 'paid', options)).toBe('paid');
  });

  it('does not run a function whose attempt can not be recorded, and leaves its key free', async () => {
    const backend = start();
    registerBackend(backend);
    await backend.shutdown();
    let runs = 0;
    await expect(once('a', () => ++runs)).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' });
    unregisterBackend();
    registerBackend(start());
    expect(await once('a', () => ++runs)).toBe(1);
  });
});
