import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import {
  type EventInput,
  InvalidEventError,
  record,
  registerBackend,
  runAs,
  unregisterBackend,
  withContext,
} from '../src/index.js';
import { fakeBackend } from './fake-backend.js';

const TRANSFER = { name: 'payment.transfer', action: 'EXECUTE', outcome: 'success' } as const;

let backend = fakeBackend();

beforeEach(() => {
  backend = fakeBackend();
  registerBackend(backend);
});

afterEach(unregisterBackend);

describe('record', () => {
  it('hands the event to the backend and returns the record id', () => {
    expect(record(TRANSFER)).toBe('record-1');
    expect(backend.events[0]).toMatchObject(TRANSFER);
  });

  it('names the service as the actor when nothing else says who acts', () => {
    record(TRANSFER);
    expect(backend.events[0]?.actor).toEqual({ id: 'service:shop', type: 'service' });
  });

  it('takes actor, cause, bot and trace from the update being handled', async () => {
    const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    const context = {
      actor: { id: 'telegram:42', type: 'user' },
      trigger: { recordId: () => 'record-of-update' },
      bot: { 'bot.id': 'telegram:7' },
      trace,
    } as const;
    await withContext(context, async () => {
      await Promise.resolve();
      record({ ...TRANSFER, attributes: { 'payment.amount': 5 } });
    });
    expect(backend.events[0]).toMatchObject({
      actor: context.actor,
      trace,
      attributes: { 'bot.id': 'telegram:7', 'bot.trigger.record_id': 'record-of-update', 'payment.amount': 5 },
    });
  });

  it('lets the event say who acts, whatever the context says', () => {
    runAs({ id: 'shop:1', type: 'user' }, () => record({ ...TRANSFER, actor: { id: 'shop:2', type: 'user' } }));
    expect(backend.events[0]?.actor.id).toBe('shop:2');
  });

  it('does nothing without a backend', () => {
    unregisterBackend();
    expect(record(TRANSFER)).toBeUndefined();
  });

  it.each<[string, object]>([
    ['name', { ...TRANSFER, name: '' }],
    ['action', { name: 'a.b', outcome: 'success' }],
    ['action', { ...TRANSFER, action: 'execute' }],
    ['outcome', { name: 'a.b', action: 'EXECUTE' }],
    ['outcome', { ...TRANSFER, outcome: 'fine' }],
    ['actor.id', { ...TRANSFER, actor: { type: 'user' } }],
    ['actor.id', { ...TRANSFER, actor: { id: '42', type: 'user' } }],
    ['actor.type', { ...TRANSFER, actor: { id: 'shop:42' } }],
    ['actor.type', { ...TRANSFER, actor: { id: 'shop:42', type: 'person' } }],
  ])('refuses an event by the name of the field that is wrong: %s in %j', (field, event) => {
    for (const installed of [true, false]) {
      if (!installed) unregisterBackend();
      expect(() => record(event as EventInput)).toThrowError(InvalidEventError);
      expect(() => record(event as EventInput)).toThrowError(expect.objectContaining({ field }));
    }
    expect(backend.events).toEqual([]);
  });

  it('does not compile when a mandatory field is missing', () => {
    expectTypeOf<{ name: string; action: string; outcome: 'success' }>().toExtend<EventInput>();
    expectTypeOf<{ name: string; action: string }>().not.toExtend<EventInput>();
    expectTypeOf<{ name: string; outcome: 'success' }>().not.toExtend<EventInput>();
    expectTypeOf<{ action: string; outcome: 'success' }>().not.toExtend<EventInput>();
    expectTypeOf<{ name: string; action: string; outcome: 'fine' }>().not.toExtend<EventInput>();
  });
});

describe('runAs', () => {
  it('makes the actor that of every event in it, as asserted, across awaits', async () => {
    await runAs({ id: 'shop:9', type: 'user' }, async () => {
      await Promise.resolve();
      record(TRANSFER);
    });
    expect(backend.events[0]?.actor).toEqual({ id: 'shop:9', type: 'user', assurance: 'asserted' });
  });

  it('keeps the cause of the surrounding context', () => {
    withContext({ trigger: { recordId: () => 'cause' } }, () =>
      runAs({ id: 'shop:9', type: 'user' }, () => record(TRANSFER)),
    );
    expect(backend.events[0]?.attributes).toMatchObject({ 'bot.trigger.record_id': 'cause' });
  });

  it('returns what the function returns and throws what it throws', () => {
    const problem = new Error('theirs');
    const actor = { id: 'shop:9', type: 'user' } as const;
    expect(runAs(actor, () => 7)).toBe(7);
    expect(() =>
      runAs(actor, () => {
        throw problem;
      }),
    ).toThrow(problem);
  });

  it('refuses an actor without a namespace', () => {
    expect(() => runAs({ id: '42', type: 'user' }, () => 0)).toThrowError(
      'Audit event "runAs": actor.id must read <namespace>:<id>, "unknown" or "anonymous"',
    );
  });
});
