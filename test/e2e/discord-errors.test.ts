import { expect, test } from 'vitest';
import type { Fault } from '../platforms/discord/index.ts';
import { eventually } from '../support/eventually.ts';
import { BotRun, type BotRunOptions, fixture } from './support/bot-run.ts';
import { expectConnected } from './support/comparison.ts';
import { botOf, expectRequestsAreRecorded, startDiscord } from './support/discord.ts';
import { expectChained, ofEvent, type PlainRecord, readRecords } from './support/records.ts';

const SEND = 'POST /channels/:id/messages';

/** Waits until the bot has said something on stderr: no event at Discord tells when. */
const heard = (run: BotRun, text: string) =>
  run.while(eventually(`"${text}" on stderr`, () => run.stderr.includes(text) || undefined));

async function begin(options: BotRunOptions = {}) {
  const discord = await startDiscord();
  const account = discord.addBot({ name: 'Failing' });
  const alice = discord.addUser('Alice');
  const guild = discord.addGuild({ owner: alice, moderators: [account] });
  const channel = discord.addChannel(guild);
  const run = await BotRun.start(fixture('discordjs/failing.mjs'), botOf(discord, account, options));
  await run.while(discord.awaitConnected(account));
  const give = (name: string, person = alice) => person.runs(account, channel, name);
  const answered = async (name: string) => {
    const interaction = give(name);
    await run.while(discord.until(() => interaction.answer));
  };
  return { discord, account, alice, guild, channel, run, give, answered };
}

/** All records of a run that has been ended. */
async function recordsOf(run: BotRun): Promise<PlainRecord[]> {
  await run.end('SIGTERM');
  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  return records;
}

test('errors of handlers and of the API reach the bot as before, and each is recorded', async () => {
  const { discord, alice, channel, run, give, answered } = await begin();
  give('throw');
  await heard(run, 'unhandled RangeError: thrown');
  await answered('reject');
  await heard(run, 'caught SyntaxError: rejected');
  give('refused');
  await heard(run, 'caught DiscordAPIError: Missing Permissions');
  await answered('swallowed');
  await answered('forgotten');
  await heard(run, 'unhandled DiscordAPIError: Cannot send an empty message');
  alice.says(channel, 'talk');
  await heard(run, 'caught TypeError: no words');
  const records = await recordsOf(run);
  expectRequestsAreRecorded(discord, records);
  const failures = ofEvent(records, 'bot.handler.error').map(({ attributes: of }) => [
    of['bot.command.name'],
    of['error.type'],
    of['audit.outcome'],
    of['audit.actor.id'],
  ]);
  const person = `discord:${alice.id}`;
  expect(failures).toEqual([
    ['/throw', 'RangeError', 'failure', person],
    ['/reject', 'SyntaxError', 'failure', person],
    ['/refused', 'DiscordAPIError', 'failure', person],
    [undefined, 'TypeError', 'failure', person],
  ]);
  const [, ban] = ofEvent(records, 'bot.member.ban');
  expect(ban?.attributes).toMatchObject({
    'audit.outcome': 'failure',
    'error.type': '50013',
    'error.message': 'Missing Permissions',
  });
  expect(ofEvent(records, 'bot.message')).toHaveLength(1);
});

const FAULTS: readonly [string, Fault, number, string][] = [
  ['the connection is reset before Discord acts', { reset: 'before' }, 2, 'caught Error'],
  ['the connection is reset after Discord acted', { reset: 'after' }, 2, 'caught Error'],
  ['a proxy answers with a page', { status: 502, page: '<html>Bad Gateway</html>' }, 2, 'caught HTTPError'],
  ['Discord fails', { status: 500 }, 2, 'caught HTTPError'],
];

test.for(FAULTS)('when %s, again and again, that is one action, of which the outcome is unknown', async (given) => {
  const [, fault, times, caught] = given;
  const { discord, run, give } = await begin();
  discord.failNext(SEND, fault, times);
  give('send');
  await heard(run, caught);
  const records = await recordsOf(run);
  expect(discord.log.of(SEND)).toHaveLength(times);
  const [sent, ...more] = ofEvent(records, 'bot.message.send');
  expect(more).toEqual([]);
  expect(sent?.attributes['audit.outcome']).toBe('unknown');
  expect(sent?.attributes['error.type']).toBeDefined();
});

test('a request that waits for a rate limit, or succeeds at the second try, is one action', async () => {
  const { discord, channel, run, give } = await begin();
  discord.failNext(SEND, { retryAfter: 0.05 }, 2);
  discord.failNext(SEND, { status: 503 });
  give('send');
  await run.while(discord.until(() => [...channel.messages.values()].some(({ content }) => content === 'Sent')));
  const records = await recordsOf(run);
  expect(discord.log.of(SEND).map(({ status }) => status)).toEqual([429, 429, 503, 200]);
  const [sent, ...more] = ofEvent(records, 'bot.message.send');
  expect(more).toEqual([]);
  expect(sent?.attributes).toMatchObject({ 'audit.outcome': 'success' });
});

test('requests that wait in one queue for each other stay those of who caused them', async () => {
  const { discord, guild, channel, run, give } = await begin();
  const people = Array.from({ length: 20 }, (_, index) => discord.addUser(`Person ${index}`));
  for (const person of people) person.joins(guild);
  discord.latencyMs = 5;
  for (const person of people) give('echo', person);
  const answers = () => discord.log.of('POST /interactions/:id/:token/callback').filter(({ status }) => status === 204);
  await run.while(discord.until(() => answers().length === people.length, { deadlineMs: 30_000 }));
  const records = await recordsOf(run);
  expectRequestsAreRecorded(discord, records);
  const sent = ofEvent(records, 'bot.message.send').filter(
    ({ attributes }) => attributes['bot.api.method'] === 'POST /channels/:channel/messages',
  );
  expect(sent).toHaveLength(people.length);
  for (const { attributes } of sent) {
    const message = channel.messages.get(String(attributes['audit.target.id']).split('/')[1] ?? '');
    expect(attributes['audit.actor.id']).toBe(`discord:${message?.content}`);
  }
});

test('a handler that waits for a button answers the press in its context, and goes on in its own', async () => {
  const { discord, account, alice, channel, run, give } = await begin();
  const asked = give('confirm');
  const question = await run.while(
    discord.until(() => [...channel.messages.values()].find(({ content }) => content === 'Sure?')),
  );
  await heard(run, 'waits for a button');
  const pressed = alice.presses(account, channel, question, 'yes');
  await run.while(discord.until(() => pressed.answer));
  const records = await recordsOf(run);
  const idOf = (update: string) =>
    records.find(({ attributes }) => attributes['bot.update.id'] === update)?.attributes['audit.record.id'];
  const triggers = records
    .filter(({ attributes }) => attributes['bot.api.method'] !== undefined)
    .map(({ event, attributes }) => [event, attributes['bot.trigger.record_id']]);
  expect(triggers).toEqual([
    ['bot.message.send', idOf(asked.id)],
    ['bot.message.send', idOf(asked.id)],
    ['bot.message.edit', idOf(pressed.id)],
  ]);
});

test('a bot without handlers of errors crashes as it does without the flag, and its last records are there', async () => {
  const crash = async (name: string, nodeOptions?: readonly string[]) => {
    const { run, give } = await begin({ env: { NO_CATCH: '1' }, ...(nodeOptions && { nodeOptions }) });
    give(name);
    return { run, exit: await run.exited };
  };
  for (const name of ['throw', 'reject']) {
    const audited = await crash(name);
    const plain = await crash(name, []);
    expect(audited.exit).toEqual(plain.exit);
    expect(audited.exit.code).toBe(1);
    const records = await readRecords(audited.run.directory);
    expectChained(records);
    expect(ofEvent(records, 'bot.command')).toHaveLength(1);
    expect(ofEvent(records, 'bot.handler.error')).toHaveLength(1);
    expect(records.at(-1)?.attributes['audit.sequence.end']).toBe(true);
  }
});
