import { expect, test } from 'vitest';
import { EVERY_CALL, EVERY_UPDATE, type Method, makeScene } from '../../../../test/platforms/telegram/index.ts';
import type { StageHolder } from '../stage.js';

const NO_ACTION: ReadonlySet<string> = new Set(['getUpdates', 'sendChatAction']);

/** Every string in the arguments that is no id: none of it may be in a record. */
function texts(value: unknown, key = ''): string[] {
  if (typeof value === 'string')
    return /(^|_)(id|username|result)$/.test(key) || key === 'name' || value.length < 4 ? [] : [value];
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => texts(member, name));
}

/**
 * Tests of every framework: each method of the Bot API, and each kind of update.
 *
 * @param call makes a call of the stage's bot with arguments whose files are grammY's.
 */
export function testEvery(stage: StageHolder, call: (method: Method, args: object) => Promise<unknown>): void {
  test.each(Object.keys(EVERY_CALL) as Method[])('%s is carried out and recorded, by ids alone', async (method) => {
    const { telegram, account, backend } = stage.current;
    const args = EVERY_CALL[method](makeScene(telegram, account));
    await call(method, args);
    const { records } = backend;
    if (NO_ACTION.has(method)) {
      expect(records).toEqual([]);
      return;
    }
    const twoStage = backend.decide({ name: String(records[0]?.name) }).written === 'attempt-and-outcome';
    expect(records.map(({ outcome }) => outcome)).toEqual(twoStage ? ['unknown', 'success'] : ['success']);
    for (const record of records) {
      expect(record.attributes).toMatchObject({ 'bot.api.method': method, 'bot.id': `telegram:${account.id}` });
      expect(record.actor.type).toBe('service');
    }
    const written = JSON.stringify(records);
    for (const text of texts(args)) expect(written).not.toContain(text);
    expect(written).not.toContain(account.token.split(':')[1]);
    expect(backend.errors).toEqual([]);
  });

  test.each(Object.keys(EVERY_UPDATE) as (keyof typeof EVERY_UPDATE)[])(
    '%s is recorded once it makes the bot act',
    async (type) => {
      const { bot, telegram, account, backend } = stage.current;
      const scene = makeScene(telegram, account);
      bot.botInfo = account.me;
      bot.use((ctx) => stage.current.clientOf(ctx).sendMessage(scene.forum.id, 'seen'));
      await bot.handleUpdate({ update_id: 77, [type]: EVERY_UPDATE[type](scene) } as never);
      const [, received, sent] = backend.records;
      expect(backend.records).toHaveLength(3);
      expect(received?.name).toMatch(/^bot\.(message|command|callback|event|activity)$/);
      expect(received?.attributes).toMatchObject({ 'bot.update.id': '77', 'bot.update.type': type });
      expect(sent).toMatchObject({
        name: 'bot.message.send',
        actor: received?.actor,
        trace: received?.trace,
        attributes: { 'bot.trigger.record_id': received?.id },
      });
      expect(backend.errors).toEqual([]);
    },
  );
}
