import { MOST_TOKENS } from '@botaudit/platform-slack';
import { expect, test } from 'vitest';
import { adoptToken, identities, scopeOfClient } from '../src/scope.js';
import { useStage } from './setup.js';

const stage = useStage();

test('what an app does not acknowledge is delivered again, and is the same event', async () => {
  const { account, alice, channel, backend, slack } = stage.current;
  const app = stage.current.app({ processBeforeResponse: true });
  let failures = 1;
  app.message(async ({ say }) => {
    await say('heard');
    if (failures-- > 0) throw new RangeError('not yet');
  });
  await stage.current.listen(app);
  alice.says(channel, 'hello');
  await slack.awaitDelivered();
  expect(slack.deliveries.all.map(({ attempts }) => attempts.map(({ status }) => status))).toEqual([[500, 200]]);
  const messages = backend.named('bot.message');
  expect(messages).toHaveLength(2);
  expect(new Set(messages.map(({ attributes }) => attributes['bot.update.id'])).size).toBe(1);
  expect(messages.map(({ body }) => body?.retry_number)).toEqual([undefined, 1]);
  expect(backend.only('bot.handler.error').attributes['error.type']).toBe('RangeError');
  expect(account.home.bot.id).toBeDefined();
});

test.each(['mark', 'block'] as const)('what Slack delivers again is a duplicate, with %s', async (onDuplicate) => {
  const { alice, channel, backend, slack } = stage.current;
  backend.policy['bot.message'] = { onDuplicate };
  const app = stage.current.app({ processBeforeResponse: true });
  let handled = 0;
  app.message(async ({ say }) => {
    await say('heard');
    if (handled++ === 0) throw new RangeError('not yet');
  });
  await stage.current.listen(app);
  alice.says(channel, 'hello');
  await slack.awaitDelivered();
  // Also what is not handled again is acknowledged: Slack would deliver it once more.
  expect(slack.deliveries.all.map(({ attempts }) => attempts.map(({ status }) => status))).toEqual([[500, 200]]);
  expect(handled).toBe(onDuplicate === 'mark' ? 2 : 1);
  const [first, second] = backend.named('bot.message');
  expect(second).toMatchObject({
    outcome: onDuplicate === 'mark' ? 'success' : 'failure',
    attributes: { 'bot.duplicate': true, 'bot.duplicate.of': first?.id },
    body: { retry_number: 1 },
  });
});

test("listeners' errors are recorded once each, also those of many and of middleware", async () => {
  const { alice, account, channel, backend, slack } = stage.current;
  const app = stage.current.app();
  const caught: unknown[] = [];
  app.error(async (error) => void caught.push(error));
  app.command('/one', () => Promise.reject(new RangeError('one')));
  for (const Kind of [TypeError, SyntaxError]) app.command('/two', () => Promise.reject(new Kind('two')));
  app.command('/refused', async ({ client }) => void (await client.conversations.info({ channel: 'C404' })));
  app.use(async ({ body, next }) => {
    if (Object(body).command === '/middleware') throw new EvalError('before any listener');
    await next();
  });
  await stage.current.listen(app);
  for (const command of ['/one', '/two', '/refused', '/middleware']) alice.commands(account, command, '', channel);
  const errors = await stage.current.records('bot.handler.error', 5);
  expect(errors.map(({ attributes: of }) => [of['bot.command.name'], of['error.type']].join(' ')).toSorted()).toEqual([
    '/middleware EvalError',
    '/one RangeError',
    expect.stringMatching(/^\/refused (WebAPIPlatformError|Error)$/),
    '/two SyntaxError',
    '/two TypeError',
  ]);
  await slack.until(() => caught.length === 4);
  expect(caught.map((error) => (error as Error).message).toSorted()).toEqual([
    'An API error occurred: channel_not_found',
    expect.stringContaining('Multiple errors'),
    'before any listener',
    'one',
  ]);
  expect(new Set(errors.map(({ actor }) => actor.id))).toEqual(new Set([`slack:${alice.id}`]));
  expect(backend.errors).toEqual([]);
});

test('with the default handler the error reaches the receiver as without audit, and one record', async () => {
  const { alice, account, channel, backend } = stage.current;
  const seen: unknown[] = [];
  const app = stage.current.app();
  const problem = new RangeError('theirs');
  app.command('/one', () => Promise.reject(problem));
  const body = { command: '/one', user_id: alice.id, channel_id: channel.id, team_id: 'T1', api_app_id: account.id };
  await app.processEvent({ body, ack: async () => {} }).catch((error: unknown) => seen.push(error));
  expect(seen).toEqual([expect.objectContaining({ code: 'slack_bolt_unknown_error', original: problem })]);
  expect(backend.only('bot.handler.error').attributes['error.type']).toBe('RangeError');
});

test('what several listeners do is all caused by the one event', async () => {
  const { alice, channel, backend } = stage.current;
  const app = stage.current.app();
  for (const text of ['first', 'second']) app.message(async ({ say }) => void (await say(text)));
  await stage.current.listen(app);
  alice.says(channel, 'hello');
  const sent = await stage.current.records('bot.message.send', 2);
  expect(backend.named('bot.message')).toHaveLength(1);
  const cause = backend.only('bot.message').id;
  expect(sent.map(({ attributes }) => attributes['bot.trigger.record_id'])).toEqual([cause, cause]);
});

test('an app in many workspaces is the bot that it is in each, as soon as that is known', async () => {
  const { slack, account, backend } = stage.current;
  const other = slack.addWorkspace('E0GRID');
  const there = account.install(other, true);
  const [eve, zoe] = [slack.addPerson('Eve', other), slack.addPerson('Zoe')];
  const away = slack.addChannel('away', [eve, there.bot], other);
  const asked: unknown[] = [];
  const app = stage.current.app({
    authorize: async (source) => {
      asked.push(source);
      const { botToken, bot } = source.enterpriseId ? there : account.home;
      return { botToken, botUserId: bot.id, ...(bot.botId && { botId: bot.botId }) };
    },
  });
  app.command('/hi', async ({ ack, say }) => {
    await ack();
    await say('hi');
  });
  await stage.current.listen(app);
  stage.current.channel.members.add(zoe.id);
  zoe.commands(account, '/hi', '', stage.current.channel);
  await stage.current.records('bot.message.send');
  for (let count = 2; count <= 3; count++) {
    eve.commands(account, '/hi', '', away);
    await stage.current.records('bot.message.send', count);
  }
  expect(asked).toHaveLength(3);
  const [here, elsewhere] = [`slack:${account.home.bot.id}`, `slack:${there.bot.id}`];
  const bots = (name: string) => backend.named(name).map(({ attributes }) => attributes['bot.id']);
  expect(bots('bot.message.send')).toEqual([here, elsewhere, elsewhere]);
  // The first thing that comes from a place is recorded before the app is authorized there.
  expect(bots('bot.command')).toEqual([`slack:${account.id}`, `slack:${account.id}`, elsewhere]);
  expect(backend.named('bot.command').map(({ body }) => [body?.team_id, body?.enterprise_id])).toEqual([
    [slack.workspace.id, undefined],
    [other.id, 'E0GRID'],
    [other.id, 'E0GRID'],
  ]);
});

test('an app that may not act there is told, and so is the record', async () => {
  const { alice, account, channel, backend } = stage.current;
  const app = stage.current.app({ authorize: () => Promise.reject(new Error('not installed')) });
  app.error(async () => {});
  await stage.current.listen(app);
  alice.commands(account, '/hi', '', channel);
  const [failed] = await stage.current.records('bot.handler.error');
  expect(failed?.attributes['error.type']).toBe('AuthorizationError');
  expect(backend.named('bot.command')).toHaveLength(1);
});

test('what can not be recorded and must not happen unrecorded is refused, and Slack delivers it again', async () => {
  const { alice, channel, backend, slack } = stage.current;
  backend.policy['bot.message'] = { failClosed: true };
  const handled: unknown[] = [];
  const app = stage.current.app();
  app.message(async ({ message }) => void handled.push(message));
  await stage.current.listen(app);
  backend.unavailable = true;
  alice.says(channel, 'hello');
  await slack.until(() => slack.deliveries.all[0]?.attempts[0]?.status === 500);
  expect(handled).toEqual([]);
  backend.unavailable = false;
  await slack.until(() => handled.length === 1);
  expect(backend.named('bot.message')).toHaveLength(1);
});

test.each([[null], [undefined], [5], [{}], [{ event: null }], [{ event: 5, command: [] }]])(
  'a payload that is %o ends as without audit',
  async (body) => {
    const silent = {
      getLevel: () => 'error',
      setLevel() {},
      setName() {},
      debug() {},
      info() {},
      warn() {},
      error() {},
    };
    const app = stage.current.app({ logger: silent as never, authorize: async () => ({}) });
    const handle = () =>
      app.processEvent({ body: body as never, ack: async () => {} }).then(String, (error: Error) => error.message);
    const audited = await handle();
    expect(audited).toMatch(/undefined|Cannot read|null|'in' operator/);
    expect(stage.current.backend.errors).toEqual([]);
  },
);

test("an app's life is recorded once each, under the name that Slack tells it", async () => {
  const { account, backend } = stage.current;
  const app = await stage.current.listen(stage.current.app());
  await stage.current.records('bot.started');
  await app.stop();
  expect(backend.names).toEqual(['bot.started', 'bot.stopping', 'bot.stopped']);
  expect(backend.records.map(({ target }) => target?.id)).toEqual(Array(3).fill(`slack:${account.home.bot.id}`));
  expect(backend.bots).toContainEqual({ id: `slack:${account.home.bot.id}`, platform: 'slack', name: '@Moderator' });
  const taken = stage.current.app({ deferInitialization: true });
  expect(() => taken.start(0)).toThrow('not yet initialized');
  expect(backend.records.at(-1)).toMatchObject({ name: 'bot.started', outcome: 'failure' });
});

test('the token of whoever installed an app is not said to be that of whoever acts', async () => {
  const { alice, bob, account, channel, backend } = stage.current;
  const { botToken, bot } = account.home;
  const app = stage.current.app({
    authorize: async () => ({ botToken, botUserId: bot.id, botId: bot.botId ?? '', userToken: 'xoxp-of-alice' }),
  });
  let token: string | undefined;
  app.command('/hi', async ({ context }) => {
    token = context.userToken;
  });
  const body = { command: '/hi', user_id: bob.id, channel_id: channel.id, team_id: 'T1', api_app_id: account.id };
  await app.processEvent({ body, ack: async () => {} });
  expect(token).toBe('xoxp-of-alice');
  expect(identities.idOf(token)).toBeUndefined();
  expect(backend.bots.map(({ id }) => id)).not.toContain(`slack:${bob.id}`);
  identities.learn(token, alice.id);
  await app.processEvent({ body, ack: async () => {} });
  expect(identities.idOf(token)).toBe(`slack:${alice.id}`);
});

test('the tokens of functions, of which there is one more each time, do not pile up', () => {
  const client = { token: 'xwfp-0' };
  for (let count = 0; count <= MOST_TOKENS; count++) adoptToken(`xwfp-${count}`, 'U1');
  expect(scopeOfClient(client, {})).toMatchObject({ id: undefined, framework: '@slack/web-api' });
  expect(scopeOfClient(client, { token: 'xwfp-1' })).toMatchObject({ id: 'slack:U1', framework: 'slack-bolt' });
});
