import { expect, test } from 'vitest';
import { freePorts } from '../../scripts/stack/ports.ts';
import { eventually } from '../support/eventually.ts';
import { atLevel, BotRun, fixture } from './support/bot-run.ts';
import { botOf, startDiscord } from './support/discord.ts';
import { everyFile, leaksIn } from './support/leaks.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';

const LEVELS = ['metadata', 'full'] as const;

test.for(LEVELS)(
  'at %s no token of a bot’s, an interaction’s or a webhook’s, nor a key, is in any byte that comes out of auditing',
  async (level) => {
    const discord = await startDiscord();
    const account = discord.addBot({ name: 'Careless' });
    const alice = discord.addUser('Alice');
    const guild = discord.addGuild({ owner: alice, moderators: [account] });
    const channel = discord.addChannel(guild);
    const key = `sk-${'0123456789abcdef'.repeat(3)}`;
    const [port] = await freePorts(1);
    const metrics = `127.0.0.1:${port}`;
    const env = {
      OTHER_KEY: key,
      SERVICE_API_KEY: key,
      CHANNEL_ID: channel.id,
      BOTAUDIT_METRICS: metrics,
      ...atLevel(level),
      ...(level === 'full' && { TEXTS_ARE_KEPT: '1' }),
    };
    const options = { args: ['--token', account.token], env };
    const run = await BotRun.start(fixture('discordjs/careless.mjs'), botOf(discord, account, options));
    await run.while(discord.awaitConnected(account));
    discord.failNext('POST /channels/:id/messages', { reset: 'before' });
    discord.failNext('POST /channels/:id/messages', { status: 400, code: 50_035, message: `Invalid ${account.token}` });
    const leak = alice.runs(account, channel, 'leak');
    await run.while(
      discord.awaitCall('POST /oauth2/token', ({ body }) =>
        [...discord.world.webhooks.values()].some(({ token }) => JSON.stringify(body).includes(token)),
      ),
    );
    const [webhook] = discord.world.webhooks.values();
    const name = alice.runs(account, channel, 'name');
    const served = await eventually('metrics served', async () => {
      const response = await fetch(`http://${metrics}/metrics`).catch(() => undefined);
      const text = await response?.text();
      return text?.includes('event="bot.handler.error"') ? text : undefined;
    });
    expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

    const records = await readRecords(run.directory);
    expectChained(records);
    expect(ofEvent(records, 'careless.event')).toHaveLength(1);
    expect(ofEvent(records, 'bot.handler.error')).toHaveLength(1);
    expect(ofEvent(records, 'bot.webhook.set')[1]?.attributes['audit.target.id']).toBe(`discord:${webhook?.id}`);
    const outputs = await everyFile(run.cwd);
    outputs.set('stdout', run.stdout).set('stderr', run.stderr).set('metrics', served);
    const [, , secret = ''] = account.token.split('.');
    const planted = [secret, encodeURIComponent(account.token), key, leak.token, name.token, webhook?.token ?? ''];
    expect(leaksIn(outputs, planted)).toEqual([]);
  },
);
