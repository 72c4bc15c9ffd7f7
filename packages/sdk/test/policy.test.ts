import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CATALOGUE, eventDefinition } from '@botaudit/record';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Policy } from '../src/policy/policy.js';
import type { PolicyRule, RuleQuery } from '../src/policy/rule.js';
import { policyIn, writePolicy } from './policy-of.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'botaudit-policy-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a policy of these rules decides of an event that comes from grammY. */
function decide(name: string, ...rules: string[]) {
  writePolicy(folder, ...rules);
  return policyIn(folder).decide(name, 'grammy', 'telegram');
}

const NOTHING = { level: 'none', written: 'never', failClosed: false };
const usual = (name: string) => ({
  level: 'metadata',
  written: eventDefinition(name)?.written ?? 'outcome',
  failClosed: false,
  onDuplicate: onDuplicate(name),
});
const onDuplicate = (name: string) => {
  const { direction, risk } = eventDefinition(name) ?? { direction: 'application', risk: 'low' };
  const isMarked =
    direction === 'inbound' || direction === 'application' || (direction === 'outbound' && risk === 'high');
  return isMarked && !name.startsWith('audit.') ? 'mark' : undefined;
};

describe('a policy without rules', () => {
  it('decides as the catalogue says; of any other event, the outcome', () => {
    const policy = new Policy();
    for (const name of [...Object.keys(CATALOGUE), 'payment.transfer', '__proto__', '']) {
      expect(policy.decide(name, undefined, undefined)).toEqual(usual(name));
    }
    expect(policy.hash).toBe('5840bb8fab4b0847ba80c666355a7db3d5c2e891e787f0b0098009c92deb9c35');
  });
});

describe('a rule', () => {
  it.each([
    ['bot.member.ban', '{ event: bot.member.ban, level: none }', NOTHING],
    ['bot.member.ban', '{ event: bot.member.*, level: none }', NOTHING],
    ['bot.member.ban', '{ event: bot.*, level: none }', NOTHING],
    ['bot.member.ban', '{ event: "*", level: none }', NOTHING],
    ['bot.member.ban', '{ event: [bot.role.grant, bot.member.ban], written: never }', NOTHING],
    ['bot.member.ban', '{ level: none }', NOTHING],
    ['bot.member.ban', '{ risk: high, level: none }', NOTHING],
    ['bot.member.ban', '{ risk: [low, high], level: none }', NOTHING],
    ['bot.member.ban', '{ platform: telegram, level: none }', NOTHING],
    ['bot.member.ban', '{ framework: [telegraf, grammy], level: none }', NOTHING],
    ['payment.transfer', '{ event: payment.*, level: none }', NOTHING],
    ['deploy', '{ event: deploy, level: none }', NOTHING],
    ['bot.member.ban', '{ event: bot.member.b, level: none }', usual('bot.member.ban')],
    ['bot.members', '{ event: bot.member.*, level: none }', usual('bot.members')],
    ['bot.member', '{ event: bot.member.*, level: none }', usual('bot.member')],
    ['bot.member.ban', '{ risk: low, level: none }', usual('bot.member.ban')],
    ['bot.member.ban', '{ platform: discord, level: none }', usual('bot.member.ban')],
    ['bot.member.ban', '{ framework: telegraf, platform: telegram, level: none }', usual('bot.member.ban')],
    ['payment.transfer', '{ risk: [low, medium, high], level: none }', usual('payment.transfer')],
    ['audit.stream.opened', '{ level: none }', usual('audit.stream.opened')],
    ['audit.of.a.newer.version', '{ event: "*", level: none }', usual('audit.of.a.newer.version')],
  ])('%s by %s', (name, rule, decision) => {
    expect(decide(name, rule)).toEqual(decision);
  });

  it('says when; what it does not say is as the catalogue has it', () => {
    expect(decide('bot.message', '{ event: bot.message, written: receipt }').written).toBe('receipt');
    expect(decide('bot.command', '{ event: bot.command, written: caused }').written).toBe('caused');
    expect(
      decide('bot.message.send', '{ risk: low, event: bot.message.*, written: attempt-and-outcome }').written,
    ).toBe('attempt-and-outcome');
    expect(decide('bot.member.ban', '{ event: bot.member.ban, written: outcome }').written).toBe('outcome');
    expect(decide('bot.member.ban', '{ event: bot.member.ban, level: metadata }')).toEqual(usual('bot.member.ban'));
  });

  it('that fails closed has it on disk before it happens', () => {
    const closed = (name: string) => decide(name, '{ event: "*", fail_closed: true }');
    expect(closed('bot.member.ban')).toMatchObject({
      level: 'metadata',
      written: 'attempt-and-outcome',
      failClosed: true,
    });
    expect(closed('bot.message.send')).toMatchObject({
      level: 'metadata',
      written: 'attempt-and-outcome',
      failClosed: true,
    });
    expect(closed('bot.message')).toMatchObject({ level: 'metadata', written: 'receipt', failClosed: true });
    expect(closed('payment.transfer')).toMatchObject({ level: 'metadata', written: 'outcome', failClosed: true });
    // It has happened.
    for (const name of ['bot.handler.error', 'bot.crashed', 'bot.db.write', 'audit.heartbeat']) {
      expect(closed(name)).toEqual(usual(name));
    }
  });
});

describe('a rule about duplicates', () => {
  it('says what becomes of them; without one they are marked where they do harm', () => {
    const decided = (name: string, ...rules: string[]) => decide(name, ...rules).onDuplicate;
    expect(decided('bot.member.ban', '{ event: bot.command, on_duplicate: block }')).toBe('mark');
    expect(decided('bot.command', '{ event: bot.command, on_duplicate: block }')).toBe('block');
    expect(decided('bot.message.send', '{ event: bot.command, on_duplicate: block }')).toBeUndefined();
    expect(decided('bot.message.send', '{ event: bot.message.send, on_duplicate: mark }')).toBe('mark');
    expect(decided('bot.member.ban', '{ risk: high, on_duplicate: allow }')).toBe('allow');
    expect(decided('payment.transfer', '{ event: payment.*, on_duplicate: block }')).toBe('block');
  });

  it('changes what the policy is known by', () => {
    const hashOf = (rule: string) => {
      writePolicy(folder, rule);
      return policyIn(folder).hash;
    };
    const hashes = ['mark', 'block', 'allow'].map((what) => hashOf(`{ event: bot.command, on_duplicate: ${what} }`));
    expect(new Set([...hashes, hashOf('{ event: bot.command }')]).size).toBe(4);
  });
});

describe('several rules', () => {
  const rules = [
    '{ event: bot.member.mute, level: metadata }',
    '{ event: bot.member.*, fail_closed: true }',
    '{ risk: high, level: none }',
    '{ event: bot.message.send, platform: discord, level: none }',
  ];

  it('are asked in order, and the first that is about the event decides', () => {
    writePolicy(folder, ...rules);
    const policy = policyIn(folder);
    expect(policy.decide('bot.member.mute', 'grammy', 'telegram')).toEqual(usual('bot.member.mute'));
    expect(policy.decide('bot.member.ban', 'grammy', 'telegram').failClosed).toBe(true);
    expect(policy.decide('bot.role.grant', 'grammy', 'telegram')).toEqual(NOTHING);
    expect(policy.explain({ name: 'bot.role.grant' }).rule?.place).toMatchObject({ key: 'policy.rules[2]', line: 5 });
    expect(policy.explain({ name: 'bot.file.upload' }).rule).toBeUndefined();
  });

  it('decide for each platform and framework by themselves, and the same way each time', () => {
    writePolicy(folder, ...rules);
    const policy = policyIn(folder);
    const at = (platform: string | undefined) => policy.decide('bot.message.send', 'grammy', platform);
    for (const _ of [1, 2]) {
      expect(at('telegram')).toEqual(usual('bot.message.send'));
      expect(at('discord')).toEqual(NOTHING);
      expect(at(undefined)).toEqual(usual('bot.message.send'));
    }
    expect(at('telegram')).toBe(at('telegram'));
  });

  it('do not fill the memory with decisions for names, frameworks or platforms that are made up', () => {
    writePolicy(folder, '{ event: bot.member.*, platform: telegram, fail_closed: true }');
    const policy = policyIn(folder);
    for (let index = 0; index < 25_000; index++) {
      policy.decide(`made.up.${index}`, `f${index % 300}`, `p${index % 700}`);
      if (index % 1000 === 0) {
        expect(policy.decide('bot.member.ban', 'grammy', 'telegram').failClosed).toBe(true);
        expect(policy.decide('bot.member.ban', 'grammy', 'discord').failClosed).toBe(false);
      }
    }
  });
});

describe('a rule about chats or actors', () => {
  const ALICE = { id: 'telegram:42', type: 'user' } as const;
  const BOB = { id: 'telegram:421', type: 'user' } as const;
  const SERVICE = { id: 'service:payments', type: 'service' } as const;

  it.each([
    ['{ chat_type: private, level: none }', 'private', ALICE, 'none'],
    ['{ chat_type: [group, supergroup], level: none }', 'supergroup', ALICE, 'none'],
    ['{ chat_type: private, level: none }', 'group', ALICE, 'metadata'],
    ['{ chat_type: private, level: none }', undefined, ALICE, 'metadata'],
    ['{ actor: telegram:42, level: none }', 'private', ALICE, 'none'],
    ['{ actor: telegram:42, level: none }', 'private', BOB, 'metadata'],
    ['{ actor: telegram:42, level: none }', 'private', undefined, 'metadata'],
    ['{ actor: "telegram:*", level: none }', undefined, BOB, 'none'],
    ['{ actor: "telegram:*", level: none }', undefined, SERVICE, 'metadata'],
    ['{ actor: service, level: none }', undefined, SERVICE, 'none'],
    ['{ actor: [service, telegram:42], level: none }', undefined, BOB, 'metadata'],
    ['{ actor: user, chat_type: private, level: none }', 'private', BOB, 'none'],
    ['{ actor: user, chat_type: private, level: none }', 'group', BOB, 'metadata'],
  ])('%s, in %s, of %j', (rule, chatType, actor, level) => {
    writePolicy(folder, rule);
    const policy = policyIn(folder);
    // The second answer is the one that was kept.
    for (const _ of [1, 2]) {
      expect(policy.decide('bot.command', 'grammy', 'telegram', chatType, actor).level).toBe(level);
    }
  });

  it('leaves alone what it is not about: the same answer each time, without a look at who acts', () => {
    writePolicy(folder, '{ event: bot.command, actor: telegram:42, level: content }');
    const policy = policyIn(folder);
    const unread = new Proxy(ALICE, {
      get: () => {
        throw new Error('looked at');
      },
    });
    const first = policy.decide('bot.message.send', 'grammy', 'telegram', 'private', unread);
    expect(policy.decide('bot.message.send', 'grammy', 'telegram', 'group', unread)).toBe(first);
  });

  it('decides as the first rule does that is about it, whatever was asked before', () => {
    const some = <T>(arbitrary: fc.Arbitrary<T>) =>
      fc.option(fc.uniqueArray(arbitrary, { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 1 });
    const events = fc.constantFrom('bot.command', 'bot.member.ban', 'payment.transfer');
    const chats = fc.constantFrom('private', 'group');
    const rule = fc.record({
      event: some(fc.oneof(events, fc.constantFrom('*', 'bot.*', 'bot.member.*', 'payment.*'))),
      platform: some(fc.constantFrom('telegram', 'discord')),
      risk: some(fc.constantFrom('low' as const, 'high' as const)),
      chatType: some(chats),
      actor: some(fc.constantFrom('telegram:42', 'telegram:*', 'discord:*', 'user', 'service')),
      level: fc.constantFrom('none' as const, 'metadata' as const, 'content' as const, 'full' as const),
      sizeLimit: fc.constantFrom(undefined, 4_096, 8_192),
      failClosed: fc.constant(false),
      place: fc.constant({}),
    });
    const query = fc.record({
      name: events,
      framework: fc.constantFrom(undefined, 'grammy'),
      platform: fc.constantFrom(undefined, 'telegram', 'discord'),
      chatType: fc.option(chats, { nil: undefined }),
      actor: fc.constantFrom(undefined, ALICE, BOB, SERVICE),
    });
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), fc.array(query, { maxLength: 30 }), (rules, queries) => {
        const policy = new Policy(rules);
        for (const asked of queries) {
          const { name, framework, platform, chatType, actor } = asked;
          const first = rules.find((candidate) => isAbout(candidate, asked));
          const decided = policy.decide(name, framework, platform, chatType, actor);
          expect(decided).toEqual(policy.explain(asked).decision);
          expect(policy.explain(asked).rule).toBe(first);
          expect(decided.level).toBe(first?.level ?? 'metadata');
          expect(decided.sizeLimit).toBe(first && first.level !== 'none' ? first.sizeLimit : undefined);
        }
      }),
      { numRuns: 300 },
    );
  });

  /** As the documentation says it. */
  function isAbout(rule: PolicyRule, { name, platform, chatType, actor }: RuleQuery): boolean {
    const met = (patterns: readonly string[] | undefined, ...values: (string | undefined)[]): boolean =>
      patterns === undefined ||
      patterns.some((pattern) =>
        values.some((value) => value !== undefined && (pattern === value || isBeginning(pattern, value))),
      );
    const isBeginning = (pattern: string, value: string): boolean =>
      pattern.endsWith('*') && value.startsWith(pattern.slice(0, -1));
    return (
      met(rule.event, name) &&
      met(rule.platform, platform) &&
      met(rule.risk, eventDefinition(name)?.risk) &&
      met(rule.chatType, chatType) &&
      met(rule.actor, actor?.id, actor?.type)
    );
  }
});

describe('the hash', () => {
  const hashOf = (...rules: string[]) => {
    writePolicy(folder, ...rules);
    return policyIn(folder).hash;
  };

  it('is that of what is said, however it is written, and wherever it stands', () => {
    const hash = hashOf('{ event: bot.member.ban, fail_closed: true }');
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOf('{ fail_closed: yes, event: [ bot.member.ban ] }')).toBe(hash);
    expect(hashOf('{ fail_closed: yes, event: [ bot.member.ban ], level: }')).toBe(hash);
    expect(hashOf('{ event: bot.member.ban }')).not.toBe(hash);
    expect(hashOf('{ event: bot.member.kick, fail_closed: true }')).not.toBe(hash);
    expect(hashOf('{ event: bot.member.ban, fail_closed: true }', '{ level: none }')).not.toBe(hash);
  });

  it('changes with the order of rules, which decides', () => {
    const [a, b] = ['{ event: bot.member.*, level: metadata }', '{ risk: high, level: none }'];
    expect(hashOf(a, b)).not.toBe(hashOf(b, a));
  });
});
