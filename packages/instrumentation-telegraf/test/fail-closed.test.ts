import { expect, test } from 'vitest';
import { testFailClosed, useFullDisk } from '../../platform-telegram/test/frameworks/full-disk.js';
import { useStage } from './setup.js';

const stage = useStage();

const disk = useFullDisk(stage);

testFailClosed(stage, disk);

test('updates that a bot polled are held until they can be recorded, and then are confirmed', async () => {
  const { bot, ada, bob, account, telegram, backend } = stage.current;
  disk.failsClosed('bot.command');
  const handled = disk.noteHandled(bot);
  await stage.current.run(async () => {
    disk.fill();
    ada.says(account, '/first');
    bob.says(account, '/first');
    await telegram.until(() => disk.refusals >= 4);
    expect(disk.waiting()).toEqual(['/first', '/first']);
    backend.unavailable = false;
    await telegram.until(() => handled.length === 2 && account.queue.polled);
    expect(disk.waiting()).toEqual([]);
    ada.says(account, '/third');
    await telegram.until(() => handled.length === 3 && account.queue.polled);
  });
  expect(backend.named('bot.command')).toHaveLength(3);
});
