import { expect, test } from 'vitest';
import { expectLived, testLife } from '../../platform-telegram/test/frameworks/life.js';
import { useStage } from './setup.js';

const stage = useStage();

testLife(stage);

const life = () => stage.current.life;

test('start and stop', async () => {
  const { bot, account } = stage.current;
  const seen: unknown[] = [];
  const options = {
    onStart(this: unknown, me: { id: number }) {
      seen.push(this === options, me.id);
    },
  };
  const running = bot.start(options);
  await stage.current.telegram.awaitPolling(account);
  await bot.stop();
  expect(await running).toBeUndefined();
  expect(seen).toEqual([true, account.id]);
  expectLived(stage.current);
});

test('starting a bot that runs, or stopping one that does not, is no event', async () => {
  const { bot } = stage.current;
  await stage.current.run(() => bot.start());
  const before = life();
  await bot.stop();
  expect(life()).toEqual(before);
  expect(before).toHaveLength(3);
});

test("an error in onStart is the bot's own", async () => {
  const { bot } = stage.current;
  const problem = new RangeError('theirs');
  const start = bot.start({
    onStart: () => {
      throw problem;
    },
  });
  expect(await start.catch((error: unknown) => error)).toBe(problem);
});
