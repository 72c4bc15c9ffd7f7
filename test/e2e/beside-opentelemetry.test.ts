import { expect, test } from 'vitest';
import { BotRun, fixture, REGISTER } from './support/bot-run.ts';
import { expectConnected, expectSentIsRecorded } from './support/comparison.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

const OTEL = import.meta.resolve('@opentelemetry/auto-instrumentations-node/register');

const ORDERS: readonly [order: string, nodeOptions: readonly string[]][] = [
  ['before', ['--import', REGISTER, '--import', OTEL]],
  ['after', ['--import', OTEL, '--import', REGISTER]],
];

const FILES = ['assistant.mjs', 'assistant.cjs'];

test.for(FILES.flatMap((file) => ORDERS.map(([order, options]) => [file, order, options] as const)))(
  '%s with the flag %s OpenTelemetry’s own: records carry the ids of real traces',
  async ([file, , nodeOptions]) => {
    const telegram = await startTelegram();
    const account = telegram.addBot();
    const alice = telegram.addUser({ name: 'Alice' });
    const chat = telegram.world.openDialogue(account.user, alice.user);
    const env = {
      OTEL_TRACES_EXPORTER: 'console',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http',
      OTEL_NODE_RESOURCE_DETECTORS: 'none',
    };
    const run = await BotRun.start(fixture(file), { telegram, bot: account, nodeOptions, env });
    await run.while(telegram.awaitPolling(account));
    alice.says(account, '/start');
    await run.while(chat.awaitMessage(({ text }) => text === 'Welcome'));
    await run.while(telegram.until(() => account.queue.pending.length === 0 && account.queue.polled));
    // OpenTelemetry's own register ends the process by the signal once it has exported.
    await run.end('SIGTERM');

    const records = await readRecords(run.directory);
    expectChained(records);
    expectConnected(records);
    expectSentIsRecorded(telegram, account, records);
    const [command] = ofEvent(records, 'bot.command');
    const [sent] = ofEvent(records, 'bot.message.send');
    const spans = run.stdout.split(/^\{$/m).filter((span) => span.includes(`traceId: '${command?.traceId}'`));
    const names = spans.map((span) => /^ {2}name: '([^']*)'/m.exec(span)?.[1]);
    expect(names).toContain('POST');
    expect(names).toContain('telegram sendMessage');
    expect(spans.some((span) => span.includes(`id: '${command?.spanId}'`))).toBe(true);
    expect(spans.some((span) => span.includes(`id: '${sent?.spanId}'`))).toBe(true);
  },
);
