import { expect, test } from 'vitest';
import { atLevel, BotRun, fixture, runToEnd } from './support/bot-run.ts';
import { botaudit } from './support/cli.ts';
import { botOf, startDiscord } from './support/discord.ts';
import { expectChained, ofEvent, type PlainRecord, readRecords } from './support/records.ts';
import { runApp, startSlack } from './support/slack.ts';
import { startTelegram } from './support/telegram.ts';

// What is absent at the level metadata, and that secrets are at every level, other tests look at.
const LEVELS = ['content', 'full'] as const;

async function recordsOf(run: BotRun): Promise<PlainRecord[]> {
  const records = await readRecords(run.directory);
  expectChained(records);
  expect(await botaudit('verify', run.directory)).toMatchObject({ code: 0 });
  return records;
}

/** The members of the bodies of an event's records. */
function bodies(records: readonly PlainRecord[], event: string): unknown[] {
  return ofEvent(records, event).map(({ body }) => body);
}

const TELEGRAM = ['assistant.mjs', 'telegraf/assistant.mjs'].flatMap((file) =>
  LEVELS.map((level) => [file, level] as const),
);

test.for(TELEGRAM)('%s at %s: what people and the bot say', async ([file, level]) => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const alice = telegram.addUser({ name: 'Alice' });
  const run = await BotRun.start(fixture(file), { telegram, bot: account, env: atLevel(level) });
  await run.while(telegram.awaitPolling(account));
  const chat = telegram.world.openDialogue(account.user, alice.user);
  const answered = (text: string) => run.while(chat.awaitMessage((message) => message.text === text));
  alice.says(account, '/menu with lemon');
  alice.presses(await answered('Tea?'), 'Yes');
  await answered('Coming');
  alice.says(account, 'Hello, bot');
  await answered('Hello to you');
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

  const records = await recordsOf(run);
  const [command] = bodies(records, 'bot.command');
  const [press] = bodies(records, 'bot.callback');
  const [message] = bodies(records, 'bot.message');
  const sent = bodies(records, 'bot.message.send');
  const content = [command, press, message, ...sent];
  expect(content).toMatchObject([
    { arguments: 'with lemon' },
    { chosen: ['tea:yes'] },
    { text: 'Hello, bot' },
    { text: 'Tea?\nYes' },
    { text: 'Hello to you' },
  ]);
  const whole = content.map((body) =>
    Object.keys(body as object).filter((key) => /^(update|request|response)$/.test(key)),
  );
  const all = [['update'], ['update'], ['update'], ['request', 'response'], ['request', 'response']];
  expect(whole).toEqual(level === 'full' ? all : all.map(() => []));
  if (level === 'content') return;
  expect(message).toMatchObject({ update: { message: { text: 'Hello, bot', from: { id: alice.id } } } });
  expect(sent[1]).toMatchObject({
    request: { text: 'Hello to you' },
    response: { ok: true, result: { text: 'Hello to you' } },
  });
});

test.for(LEVELS)('a bot of discord.js at %s: what people and the bot say', async (level) => {
  const discord = await startDiscord();
  const account = discord.addBot({ name: 'Assistant' });
  const alice = discord.addUser('Alice');
  const guild = discord.addGuild({ owner: alice, moderators: [account] });
  const channel = discord.addChannel(guild);
  const env = { ROLE_ID: '4200000000000000001', ...atLevel(level) };
  const run = await BotRun.start(fixture('discordjs/assistant.mjs'), botOf(discord, account, { env }));
  await run.while(discord.awaitConnected(account));
  const answered = (interaction: { answer: unknown }) => run.while(discord.until(() => interaction.answer));
  await answered(alice.runs(account, channel, 'order'));
  await answered(alice.submits(account, channel, 'order', { sugar: 'two lumps' }));
  alice.says(channel, 'Hello, bot');
  await run.while(
    discord.until(() => [...channel.messages.values()].find(({ content }) => content === 'Hello to you')),
  );
  await run.while(discord.awaitCall('PUT /channels/:id/messages/:id/reactions/:emoji/@me'));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

  const records = await recordsOf(run);
  expect(bodies(records, 'bot.callback')).toMatchObject([{ options: [{ name: 'sugar', value: 'two lumps' }] }]);
  const [message] = bodies(records, 'bot.message');
  expect(message).toMatchObject({ text: 'Hello, bot' });
  const sent = bodies(records, 'bot.message.send').find((body) => Object(body).text === 'Hello to you');
  expect(sent).toBeDefined();
  if (level === 'content') {
    expect(message).not.toHaveProperty('update');
    expect(sent).not.toHaveProperty('request');
    return;
  }
  expect(message).toMatchObject({ update: { content: 'Hello, bot', author: { id: alice.id } } });
  expect(sent).toMatchObject({ request: { body: { content: 'Hello to you' } }, response: { content: 'Hello to you' } });
});

test.for(LEVELS)('an app of Bolt at %s: what people and the bot say', async (level) => {
  const slack = await startSlack();
  const app = slack.addApp('Assistant');
  const alice = slack.addPerson('Alice');
  const channel = slack.addChannel('general', [alice, app.home.bot]);
  const run = await runApp(slack, app, fixture('slack/assistant.mjs'), { env: atLevel(level) });
  alice.says(channel, 'hello');
  await run.while(slack.awaitCall('chat.postMessage'));
  const echo = alice.commands(app, '/echo', 'An echo', channel);
  await run.while(slack.until(() => echo.taken));
  await run.while(slack.awaitDelivered());
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

  const records = await recordsOf(run);
  const [message] = bodies(records, 'bot.message');
  const [command] = bodies(records, 'bot.command');
  const sent = bodies(records, 'bot.message.send');
  expect(message).toMatchObject({ text: 'hello' });
  expect(command).toMatchObject({ arguments: 'An echo' });
  expect(sent).toMatchObject([{ text: expect.stringContaining('Hey there') }, { text: 'An echo' }]);
  if (level === 'content') {
    expect(JSON.stringify([message, command, sent])).not.toMatch(/"(update|request|response)":/);
    return;
  }
  expect(message).toMatchObject({ update: { event: { text: 'hello', user: alice.id } } });
  expect(command).toMatchObject({ update: { text: 'An echo', response_url: '[removed:named_secret]' } });
  expect(sent).toMatchObject([{ request: { channel: channel.id }, response: { ok: true } }, { request: 'An echo' }]);
});

test.for(LEVELS)('both sides of MCP at %s: what a tool is given, and what it answers', async (level) => {
  const run = await runToEnd(fixture('mcp/in-memory.mjs'), { env: atLevel(level) });
  const records = await readRecords(run.directory);
  expectChained(records);
  for (const role of ['client', 'server']) {
    const [attempt, outcome] = ofEvent(records, 'mcp.tool.call').filter((each) => each.attributes['mcp.role'] === role);
    const call = { a: 1, b: 2 };
    const answer = [{ type: 'text', text: '3' }];
    const full = level === 'full';
    expect(attempt?.body).toEqual({
      'gen_ai.tool.call.arguments': call,
      ...(full && { request: expect.objectContaining({ name: 'add', arguments: call }) }),
    });
    expect(outcome?.body).toEqual({
      'gen_ai.tool.call.result': answer,
      ...(full && { response: { content: answer } }),
    });
  }
});
