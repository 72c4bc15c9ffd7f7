import { AuditUnavailableError } from '@botaudit/api';
import { expect, test } from 'vitest';
import { auditInbound } from '../src/audit-inbound.js';
import { noticeAssignment } from '../src/notice-assignment.js';
import { watchErrorHandler } from '../src/watch-error-handler.js';
import { bot, command, useBackend } from './fixture.js';

const backend = useBackend();

const fail = (): never => {
  throw new RangeError('theirs');
};

test('a method that takes what reaches a bot is run in its context, with its this, arguments and result', async () => {
  class Framework {
    readonly seen: unknown[] = [];
    async take(...args: unknown[]) {
      this.seen.push(...args);
      return 'taken';
    }
  }
  const given: unknown[] = [];
  auditInbound(Framework.prototype, 'take', 'testframework', (self, args) => {
    given.push(self, ...args);
    return { bot, event: command };
  });
  const framework = new Framework();
  expect(await framework.take(1, 2)).toBe('taken');
  expect(framework.seen).toEqual([1, 2]);
  expect(given).toEqual([framework, 1, 2]);
  expect(backend.current.names).toEqual(['bot.command']);
});

test('it is given other arguments where that is asked for, and runs unaudited where ours fail', async () => {
  class Framework {
    take(...args: unknown[]) {
      return args;
    }
  }
  auditInbound(Framework.prototype, 'take', 'testframework', (_, [first]) => {
    if (first === 'fail') fail();
    return { bot, event: command, args: ['other'] };
  });
  expect(new Framework().take('one', 'two')).toEqual(['other']);
  expect(new Framework().take('fail', 'two')).toEqual(['fail', 'two']);
  expect(backend.current.names).toEqual(['bot.command']);
  expect(backend.current.errors.map(({ source }) => source)).toEqual(['testframework']);
});

test('what may not be handled unrecorded is refused with a promise', async () => {
  class Framework {
    async take() {
      return 'taken';
    }
  }
  auditInbound(Framework.prototype, 'take', 'testframework', () => ({ bot, event: command }));
  backend.current.policy['*'] = { failClosed: true };
  backend.current.unavailable = true;
  await expect(new Framework().take()).rejects.toBeInstanceOf(AuditUnavailableError);
});

test('what a handler for errors is given becomes known, before it runs as it would', () => {
  const seen: unknown[] = [];
  class Framework {
    handler: ((...args: unknown[]) => unknown) | undefined;
    catch(handler: unknown, ...rest: unknown[]) {
      this.handler = handler as (...args: unknown[]) => unknown;
      seen.push(...rest);
      return this;
    }
  }
  watchErrorHandler(Framework.prototype, 'catch', 'testframework', (args) => {
    seen.push(['caught', ...args]);
    fail();
  });
  const framework = new Framework();
  expect(
    framework.catch(function (this: unknown, ...args: unknown[]) {
      seen.push(['handled', this === framework, ...args]);
      return 'handled';
    }, 'more'),
  ).toBe(framework);
  expect(framework.handler?.('problem', 'context')).toBe('handled');
  expect(seen).toEqual(['more', ['caught', 'problem', 'context'], ['handled', true, 'problem', 'context']]);
  expect(backend.current.errors).toHaveLength(1);
  framework.catch('no handler');
  expect(framework.handler).toBe('no handler');
});

test('an assignment is noticed once an instance, which has its own plain member then', () => {
  const noticed: unknown[] = [];
  class Framework {
    declare part: unknown;
    constructor(part: unknown) {
      this.part = part;
    }
  }
  const notice = (instance: object, value: unknown) => {
    noticed.push([(instance as Framework).part === value, value]);
    fail();
  };
  for (let i = 0; i < 2; i++) expect(noticeAssignment(Framework.prototype, 'part', 'testframework', notice)).toBe(true);
  const framework = new Framework('first');
  framework.part = 'second';
  expect(Object.getOwnPropertyDescriptor(framework, 'part')).toEqual({
    ...{ value: 'second', writable: true, enumerable: true, configurable: true },
  });
  expect(noticed).toEqual([[true, 'first']]);
  expect(backend.current.errors).toHaveLength(1);
  expect(noticeAssignment({ part: 1 }, 'part', 'testframework', notice)).toBe(false);
  expect(noticeAssignment(Object.freeze({}), 'part', 'testframework', notice)).toBe(false);
});

test('what a module announces and exports later is noticed, and exported as without', () => {
  const noticed: unknown[] = [];
  const exports: { Part?: unknown } = { Part: undefined };
  expect(noticeAssignment(exports, 'Part', 'testframework', (_, value) => noticed.push(value))).toBe(true);
  expect([exports.Part, Object.keys(exports)]).toEqual([undefined, ['Part']]);
  exports.Part = 'part';
  expect(Object.getOwnPropertyDescriptor(exports, 'Part')).toEqual({
    ...{ value: 'part', writable: true, enumerable: true, configurable: true },
  });
  expect(noticed).toEqual(['part']);
});
