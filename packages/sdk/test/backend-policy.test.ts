import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { names, onlyStreamIn } from './journal-of.js';
import { policyIn, writePolicy } from './policy-of.js';
import { directory, event, said, start } from './running-backend.js';

const ban = event({ name: 'bot.member.ban', action: 'BAN', attributes: { 'bot.framework': 'grammy' } });

describe('a policy', () => {
  it('is on record before the first event, with its hash and its rules, and where they stand', async () => {
    writePolicy(directory, '{ event: bot.message.*, level: none }', '{ risk: high, fail_closed: true }');
    const { hash } = policyIn(directory);
    const backend = start();
    backend.write(ban);
    await backend.shutdown();
    const records = onlyStreamIn(directory);
    expect(names(records)).toEqual([
      'audit.stream.opened',
      'audit.policy.loaded',
      'bot.member.ban',
      'audit.stream.closed',
    ]);
    const [opened, loaded] = records;
    expect(opened?.body).toMatchObject({ policy_hash: hash });
    expect(loaded?.body).toEqual({
      policy_hash: hash,
      file: join(directory, 'botaudit.yaml'),
      rules: [
        { event: ['bot.message.*'], level: 'none' },
        { risk: ['high'], fail_closed: true },
      ],
    });
    expect(loaded?.attributes).toMatchObject({
      'audit.target.id': `policy:${hash}`,
      'audit.target.type': 'policy',
      'audit.action': 'UPDATE',
    });
  });

  it('that is the built-in one is told by its hash alone', async () => {
    const backend = start();
    backend.write(ban);
    await backend.shutdown();
    const records = onlyStreamIn(directory);
    expect(names(records)).toEqual(['audit.stream.opened', 'bot.member.ban', 'audit.stream.closed']);
    expect(records[0]?.body).toMatchObject({ policy_hash: policyIn(directory).hash });
  });

  it('keeps what it leaves out from the journal, whoever asks, and counts it', async () => {
    writePolicy(
      directory,
      '{ event: bot.message.send, framework: grammy, level: none }',
      '{ event: payment.*, written: never }',
    );
    const backend = start();
    const nothing = { level: 'none', written: 'never', failClosed: false };
    const query = { name: 'bot.message.send', platform: 'telegram' };
    expect(backend.decide({ ...query, framework: 'grammy' })).toEqual(nothing);
    expect(backend.decide({ ...query, framework: 'telegraf' }).level).toBe('metadata');
    expect(backend.decide(query).level).toBe('metadata');
    expect(backend.write(event({ attributes: { 'bot.framework': 'grammy' } }))).toBeUndefined();
    expect(backend.write(event({ name: 'payment.transfer', action: 'TRANSFER' }))).toBeUndefined();
    expect(backend.write(event({ attributes: { 'bot.framework': 'telegraf' } }))).toBeDefined();
    await backend.shutdown();
    expect(names(onlyStreamIn(directory))).toEqual([
      'audit.stream.opened',
      'audit.policy.loaded',
      'bot.message.send',
      'audit.stream.closed',
    ]);
    const [stream] = readdirSync(join(directory, 'streams'));
    const metrics = readFileSync(join(directory, 'streams', stream as string, 'metrics.json'), 'utf8');
    expect(metrics).toContain('{"value":2,"labels":{"framework":"grammy","event":"bot.message.send"}}');
    expect(metrics).toContain('{"value":1,"labels":{"framework":"","event":"other"}}');
  });

  it('decides by chat and actor of the event itself, and limits its length', async () => {
    writePolicy(
      directory,
      '{ actor: telegram:42, chat_type: private, level: none }',
      '{ event: payment.*, size_limit: 4 KiB }',
    );
    const backend = start();
    const asAlice = (chatType: string) =>
      event({ actor: { id: 'telegram:42', type: 'user' }, attributes: { 'bot.chat.type': chatType } });
    expect(backend.write(asAlice('private'))).toBeUndefined();
    expect(backend.write(asAlice('group'))).toBeDefined();
    const body = { text: 'x'.repeat(50_000), note: 'kept' };
    backend.write(event({ name: 'payment.transfer', action: 'TRANSFER', body }));
    backend.write(event({ body }));
    await backend.shutdown();
    const [, , group, limited, whole] = onlyStreamIn(directory);
    expect(group?.attributes['bot.chat.type']).toBe('group');
    expect(limited?.body).toEqual({ text: body.text.slice(0, 1_024), note: 'kept' });
    expect(limited?.attributes['bot.truncated']).toMatchObject([{ name: 'body.text', length: 50_000 }]);
    expect(whole?.body).toEqual(body);
  });

  it('that keeps all of a hostile update has a record that fits, without its secrets', async () => {
    writePolicy(directory, '{ level: full }');
    const token = `${'1234567'}${'890'}:AA${'x'.repeat(33)}`;
    const update: Record<string, unknown> = { text: `${token} ${'y '.repeat(2_500_000)}`, nested: [{ api_key: 'k' }] };
    Object.defineProperty(update, '__proto__', { value: { polluted: true }, enumerable: true });
    update.itself = update;
    const backend = start();
    expect(backend.write(event({ body: { update } }))).toBeDefined();
    await backend.shutdown();
    const [, , kept] = onlyStreamIn(directory);
    expect(kept?.body).toEqual({
      update: {
        '[__proto__]': { polluted: true },
        itself: '[circular]',
        nested: [{ api_key: '[removed:named_secret]' }],
        text: expect.stringMatching(/^\[removed:telegram_bot_token\] (y )+/),
      },
    });
    expect(kept?.attributes['bot.truncated']).toMatchObject([{ name: 'body.update.text', length: 5_000_029 }]);
  });

  it('that is dangerous is warned of at the start, with file and line', () => {
    writePolicy(directory, '{ risk: high, level: none }');
    start();
    expect(said).toEqual([
      `${join(directory, 'botaudit.yaml')}:3: policy.rules[0]: HIGH-RISK ACTIONS ARE NOT RECORDED: bot.member.ban, bot.member.unban, bot.member.kick, bot.member.mute and 20 more`,
    ]);
  });

  it('that is wrong leaves nothing out with BOTAUDIT_ON_ERROR=continue, and what is wrong is on record', async () => {
    writePolicy(directory, '{ event: bot.message.send, level: none }', '{ event: bot.message.send, levl: none }');
    const backend = start({ BOTAUDIT_ON_ERROR: 'continue' });
    backend.write(event());
    await backend.shutdown();
    const records = onlyStreamIn(directory);
    expect(names(records)).toEqual([
      'audit.stream.opened',
      'audit.config.invalid',
      'audit.policy.loaded',
      'bot.message.send',
      'audit.stream.closed',
    ]);
    expect(records[1]?.body?.problems).toEqual([expect.stringContaining('policy.rules[1].levl: unknown key')]);
    expect(records[2]?.body?.rules).toEqual([{ event: ['bot.message.send'] }]);
  });
});
