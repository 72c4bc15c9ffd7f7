import { expect, test } from 'vitest';
import type { StageHolder } from '../stage.js';

const trap = (): never => {
  throw new Error('hands off');
};

const cyclic: Record<string, unknown> = { update_id: 1 };
cyclic.message = cyclic;

const HOSTILE: Readonly<Record<string, unknown>> = {
  'that is its own message': cyclic,
  'whose members throw': new Proxy({}, { get: trap, ownKeys: trap, getOwnPropertyDescriptor: trap, has: trap }),
  'with a getter that throws': Object.defineProperty({ update_id: 1 }, 'message', { get: trap, enumerable: true }),
  'with keys that pollute prototypes': JSON.parse(
    '{"update_id":1,"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"message":{"__proto__":{"from":{"id":7}},"date":1}}',
  ),
  'of a million members': Object.fromEntries(Array.from({ length: 1_000_000 }, (_, index) => [`x${index}`, index])),
  'with a huge text': {
    update_id: 1,
    message: { text: '/'.padEnd(4_000_000, 'x'), entities: [{ type: 'bot_command', offset: 0, length: 4_000_000 }] },
  },
  'of wrong types': { update_id: {}, message: 5, callback_query: [], chat_member: 'x' },
  'that is none': null,
};

/** Tests of every framework: what hostile updates do to its bot. */
export function testHostileUpdates(stage: StageHolder): void {
  test.each(Object.entries(HOSTILE))(
    'an update %s is handled as without audit, and recorded by ids alone',
    async (_, update) => {
      const { bot, account, backend } = stage.current;
      bot.botInfo = account.me;
      const seen: unknown[] = [];
      bot.use((ctx) => {
        seen.push(ctx.update);
      });
      const outcome = await bot.handleUpdate(update as never).then(
        () => 'handled',
        (error: Error) => error.message,
      );
      if (outcome === 'handled') expect(seen[0]).toBe(update);
      else expect(outcome).toMatch(/hands off|null/);
      expect(JSON.stringify(backend.records).length).toBeLessThan(5_000);
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
      expect(backend.errors).toEqual([]);
    },
  );
}
