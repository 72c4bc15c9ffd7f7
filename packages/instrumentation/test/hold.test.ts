import { AuditUnavailableError, activeContext, withContext } from '@botaudit/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { auditInbound } from '../src/audit-inbound.js';
import type { Hold } from '../src/hold.js';
import { bot, command, useBackend } from './fixture.js';

const backend = useBackend();

let isActive: boolean;
/** What was done with the delivery of the update, in order. */
let delivery: string[];
let handle: (update: string) => Promise<unknown>;
let handler: (update: string) => unknown;

beforeEach(() => {
  backend.current.policy['bot.command'] = { failClosed: true };
  isActive = true;
  delivery = [];
  handler = (update) => `handled ${update}`;
  const hold: Hold = {
    isActive: () => isActive,
    putBack: () => {
      delivery.push('put back');
      return () => void delivery.push('delivered');
    },
  };
  class Framework {
    async handle(update: string): Promise<unknown> {
      delivery.push('handled');
      return await handler(update);
    }
  }
  auditInbound(Framework.prototype, 'handle', bot.framework, (_, [update]) => ({
    bot,
    event: { ...command, attributes: { ...command.attributes, 'bot.update.id': String(update) } },
    hold,
  }));
  handle = (update) => new Framework().handle(update);
});
afterEach(() => {
  isActive = false;
});

test('an update that is recorded is handled at once', async () => {
  expect(await handle('1')).toBe('handled 1');
  expect(delivery).toEqual(['handled']);
});

test('an update that can not be recorded is held, and handled once it can, in its own context', async () => {
  backend.current.unavailable = true;
  handler = () => activeContext()?.actor?.id;
  const handled = handle('1');
  await eventually('two tries', () => delivery.filter((what) => what === 'put back').length > 1 || undefined);
  expect(delivery).not.toContain('handled');
  backend.current.unavailable = false;
  expect(await handled).toBe('testplatform:42');
  expect(delivery.slice(-3)).toEqual(['put back', 'delivered', 'handled']);
  expect(backend.current.only('bot.command').attributes['bot.update.id']).toBe('1');
});

test('what its handler throws in the end is the very same error', async () => {
  backend.current.unavailable = true;
  const error = new RangeError('theirs');
  handler = () => {
    throw error;
  };
  const caught = handle('1').catch((reason: unknown) => reason);
  await eventually('it is held', () => delivery.length > 0 || undefined);
  backend.current.unavailable = false;
  expect(await caught).toBe(error);
  expect(backend.current.only('bot.handler.error').attributes['error.type']).toBe('RangeError');
});

test('an update is given up when the bot stops, and stays put back', async () => {
  backend.current.unavailable = true;
  const caught = handle('1').catch((reason: unknown) => reason);
  await eventually('it is held', () => delivery.length > 0 || undefined);
  isActive = false;
  expect(await caught).toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' });
  expect(delivery.at(-1)).toBe('put back');
  expect(delivery).not.toContain('handled');
});

test('an update is given up at once where nothing will change by itself', async () => {
  backend.current.write = () => {
    throw new AuditUnavailableError('closed', { passing: false });
  };
  await expect(handle('1')).rejects.toThrow('closed');
  expect(delivery).toEqual(['put back']);
});

test('an update whose result nobody waits for is given up without a word, where it is refused so', async () => {
  class Gateway {
    handle(update: string): unknown {
      return handler(update);
    }
  }
  auditInbound(Gateway.prototype, 'handle', bot.framework, () => ({
    bot,
    event: command,
    hold: { isActive: () => isActive },
    refuse: () => 'given up',
  }));
  backend.current.unavailable = true;
  const given = new Gateway().handle('1');
  isActive = false;
  expect(await given).toBe('given up');
});

test('what is to leave no record is handled as it is, and in the name of nobody who is being handled', async () => {
  class Gateway {
    handle(update: string): unknown {
      return [update, activeContext()];
    }
  }
  auditInbound(Gateway.prototype, 'handle', bot.framework, () => undefined);
  expect(new Gateway().handle('1')).toEqual(['1', undefined]);
  const context = { actor: command.actor };
  expect(withContext(context, () => new Gateway().handle('2'))).toEqual(['2', {}]);
  expect(backend.current.records).toEqual([]);
});
