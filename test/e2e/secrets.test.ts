import { expect, test } from 'vitest';
import { freePorts } from '../../scripts/stack/ports.ts';
import { eventually } from '../support/eventually.ts';
import { atLevel, BotRun, fixture } from './support/bot-run.ts';
import { everyFile, leaksIn } from './support/leaks.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

const CASES = ['careless.mjs', 'telegraf/careless.mjs'].flatMap((file) =>
  (['metadata', 'full'] as const).map((level) => [file, level] as const),
);

test.for(CASES)(
  '%s at %s: neither the bot’s token nor a key is in any byte that comes out of auditing',
  async ([file, level]) => {
    const telegram = await startTelegram();
    const account = telegram.addBot();
    const alice = telegram.addUser({ name: 'Alice' });
    const key = `sk-${'0123456789abcdef'.repeat(3)}`;
    const [port] = await freePorts(1);
    const metrics = `127.0.0.1:${port}`;
    const run = await BotRun.start(fixture(file), {
      telegram,
      bot: account,
      args: ['--token', account.token],
      env: {
        OTHER_KEY: key,
        SERVICE_API_KEY: key,
        CHAT_ID: `${alice.id}`,
        BOTAUDIT_METRICS: metrics,
        ...atLevel(level),
      },
    });
    await run.while(telegram.awaitPolling(account));
    telegram.failNext('sendMessage', { delayMs: 0 });
    telegram.failNext('sendMessage', { reset: 'before' });
    telegram.failNext('sendMessage', { error_code: 400, description: `Bad Request: bot ${account.token} may not` });
    for (const text of [`/leak ${account.token}`, '/name', `/start${account.token.slice(-20)}`]) {
      alice.says(account, text);
      await run.while(telegram.until(() => account.queue.pending.length === 0 && account.queue.polled));
    }
    const served = await eventually('metrics served', () =>
      fetch(`http://${metrics}/metrics`).then(
        (response) => response.text(),
        () => undefined,
      ),
    );
    expect(served).toContain('audit_events_total');
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

    const records = await readRecords(run.directory);
    expectChained(records);
    expect(ofEvent(records, 'careless.event')).toHaveLength(1);
    expect(ofEvent(records, 'bot.handler.error')).toHaveLength(1);
    const secret = account.token.split(':')[1] as string;
    const planted = [secret, encodeURIComponent(account.token), key];
    const outputs = await everyFile(run.cwd);
    outputs.set('stdout', run.stdout).set('stderr', run.stderr).set('metrics', served);
    expect(leaksIn(outputs, planted)).toEqual([]);
    const said = records.filter(({ line }) => line.includes('My token is [removed:telegram_bot_token]'));
    expect(said.length > 0).toBe(level === 'full');
  },
);
