import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatProblem } from '@botaudit/config';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../src/index.js';
import { Policy } from '../src/policy/policy.js';
import { policyWarnings } from '../src/policy/policy-warnings.js';
import { policyIn, writePolicy } from './policy-of.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'botaudit-policy-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const withoutFolder = (text: string) => text.replaceAll(`${join(folder, 'botaudit.yaml')}:`, '');

/** What is said to be wrong with these rules. */
function problems(...rules: string[]): string[] {
  writePolicy(folder, ...rules);
  try {
    loadConfig({ env: {}, cwd: folder });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => withoutFolder(formatProblem(problem)));
  }
}

describe('a rule is wrong, which stops the start, when', () => {
  it.each([
    [
      'its event is no pattern',
      '{ event: "bot.*.ban" }',
      '3: policy.rules[0].event: wrong value "bot.*.ban"; allowed: an event\'s name such as bot.member.ban, the beginning of names such as bot.member.*, or * for every event; or a list of such',
    ],
    [
      'its level is not there yet',
      '{ event: bot.message, level: content }',
      '3: policy.rules[0].level: wrong value "content"; allowed: none, metadata (content and full are not available yet)',
    ],
    [
      'a key is misspelt',
      '{ event: bot.member.ban, fail_close: true }',
      '3: policy.rules[0].fail_close: unknown key, did you mean fail_closed?; allowed: event, platform, framework, risk, level, written, fail_closed, fields',
    ],
    [
      'it says nothing',
      '{}',
      '3: policy.rules[0]: says nothing; allowed: at least one of event, platform, framework, risk, level, written, fail_closed, fields',
    ],
    [
      'it is about auditing itself',
      '{ event: [bot.message, audit.heartbeat], level: none }',
      '3: policy.rules[0].event: audit.heartbeat is what auditing tells of itself, which no policy changes; allowed: any other event',
    ],
    [
      'it says when to write what it leaves out',
      '{ event: bot.message, level: none, written: receipt }',
      '3: policy.rules[0].written: nothing can be written of what level none leaves out; allowed: level metadata, or no written',
    ],
    [
      'it leaves out what fails closed',
      '{ event: bot.member.ban, written: never, fail_closed: true }',
      '3: policy.rules[0].fail_closed: what is not recorded can not fail for want of a record; allowed: a rule that records, or fail_closed: false',
    ],
    [
      'it asks for an attempt of what reaches the bot',
      '{ event: bot.*, written: attempt-and-outcome }',
      '3: policy.rules[0].written: attempt-and-outcome does not go with bot.started, which is only seen; allowed: for such events outcome, never',
    ],
    [
      'it asks for a receipt of what the bot does',
      '{ event: bot.member.ban, written: receipt }',
      '3: policy.rules[0].written: receipt does not go with bot.member.ban, which is done by the bot; allowed: for such events outcome, attempt-and-outcome, never',
    ],
    [
      'it asks for the outcome of a command',
      '{ event: [bot.command], written: outcome }',
      '3: policy.rules[0].written: outcome does not go with bot.command, which reaches the bot; allowed: for such events receipt, caused, never',
    ],
    [
      "it asks for an attempt of the application's own",
      '{ event: payment.*, written: attempt-and-outcome }',
      "3: policy.rules[0].written: attempt-and-outcome does not go with payment.*, which is the application's own; allowed: for such events outcome, never",
    ],
    [
      'it would keep from happening what has happened',
      '{ event: [bot.member.ban, bot.crashed], fail_closed: true }',
      '3: policy.rules[0].fail_closed: bot.crashed has happened when it is seen: nothing can keep it from happening; allowed: events that reach the bot or are done by it',
    ],
    [
      'all that it would keep from happening has happened',
      '{ event: [bot.handler.*], fail_closed: true }',
      '3: policy.rules[0].fail_closed: bot.handler.error has happened when it is seen: nothing can keep it from happening; allowed: events that reach the bot or are done by it',
    ],
    [
      'a message fails closed, and is recorded only when it causes something',
      '{ event: bot.message, written: caused, fail_closed: true }',
      '3: policy.rules[0].written: what fails closed is recorded before it is handled; allowed: receipt, or no written',
    ],
    [
      'an action fails closed, and is recorded when it has ended',
      '{ event: bot.message.send, written: outcome, fail_closed: true }',
      '3: policy.rules[0].written: what fails closed is recorded before it is done; allowed: attempt-and-outcome, or no written',
    ],
  ])('%s', (_, rule, problem) => {
    expect(problems(rule)).toEqual([problem]);
  });

  it('and each of them is told, in its line', () => {
    const told = problems(
      '{ event: bot.message, level: full }',
      '{ risk: low }',
      '{}',
      '{ event: audit.*, level: none }',
    );
    expect(told.map((line) => line.slice(0, 18))).toEqual([
      '3: policy.rules[0]',
      '5: policy.rules[2]',
      '6: policy.rules[3]',
    ]);
  });
});

it.each([
  '{ event: "*", written: never }',
  '{ risk: high, written: outcome }',
  '{ risk: [high, medium], event: [bot.member.*, bot.channel.*], written: attempt-and-outcome }',
  '{ event: "*", fail_closed: true }',
  '{ event: payment.transfer, written: outcome, fail_closed: true }',
  '{ level: none, written: never }',
  '{ platform: telegram }',
])('%s is right', (rule) => {
  expect(problems(rule)).toEqual([]);
});

describe('with BOTAUDIT_ON_ERROR=continue', () => {
  const env = { BOTAUDIT_ON_ERROR: 'continue' };

  it('a policy that is wrong leaves nothing out, and what fails closed by a rule that is right still does', () => {
    writePolicy(
      folder,
      '{ event: bot.member.mute, level: none }',
      '{ event: bot.member.*, fail_closed: true }',
      '{ event: bot.role.*, fail_closd: true }',
      '{ event: bot.message.send, written: receipt }',
      '{ level: none }',
    );
    const config = loadConfig({ env, cwd: folder });
    expect(config.problems.map(({ line }) => line)).toEqual([5, 6]);
    const policy = new Policy(config.policy.rules);
    const decide = (name: string) => policy.decide(name, 'grammy', 'telegram');
    expect(decide('bot.member.mute')).toEqual({ level: 'metadata', written: 'attempt-and-outcome', failClosed: false });
    expect(decide('bot.member.ban')).toEqual({ level: 'metadata', written: 'attempt-and-outcome', failClosed: true });
    expect(decide('bot.role.grant')).toEqual({ level: 'metadata', written: 'attempt-and-outcome', failClosed: false });
    expect(decide('bot.message.send')).toEqual({ level: 'metadata', written: 'outcome', failClosed: false });
    expect(policy.explain({ name: 'bot.message.send' }).rule?.place).toMatchObject({ key: 'policy.rules[4]', line: 7 });
  });

  it('a policy that is right holds, whatever else is wrong', () => {
    writePolicy(folder, '{ event: bot.message.send, level: none }');
    const policy = policyIn(folder, { ...env, BOTAUDIT_MAX_BYTES: 'lots' });
    expect(policy.decide('bot.message.send', undefined, undefined).level).toBe('none');
  });
});

describe('a policy is warned of that', () => {
  const warnings = (...rules: string[]) => {
    writePolicy(folder, ...rules);
    return policyWarnings(policyIn(folder)).map((warning) => withoutFolder(formatProblem(warning)));
  };

  it('does not record high-risk actions', () => {
    expect(warnings('{ event: bot.member.ban, level: none }')).toEqual([
      '3: policy.rules[0]: HIGH-RISK ACTIONS ARE NOT RECORDED: bot.member.ban',
    ]);
    expect(warnings('{ event: bot.member.*, level: metadata }', '{ platform: telegram, written: never }')).toEqual([
      '4: policy.rules[1]: HIGH-RISK ACTIONS ARE NOT RECORDED: bot.role.grant, bot.role.revoke, bot.role.update, bot.payment.invoice and 13 more',
    ]);
    expect(warnings('{ risk: high, level: metadata }', '{ level: none }')).toEqual([]);
    expect(warnings('{ risk: [low, medium], level: none }')).toEqual([]);
  });

  it('fails closed for everything, be it by several rules', () => {
    expect(warnings('{ fail_closed: true }')).toEqual([
      '3: policy.rules[0]: ALL THAT REACHES THE BOT FAILS CLOSED: while nothing can be recorded, nothing of it happens',
      '3: policy.rules[0]: ALL THAT THE BOT DOES FAILS CLOSED: while nothing can be recorded, nothing of it happens',
    ]);
    expect(
      warnings(
        '{ risk: high, fail_closed: true }',
        '{ risk: medium, fail_closed: true }',
        '{ risk: low, framework: grammy, fail_closed: true }',
      ),
    ).toHaveLength(2);
    expect(warnings('{ event: bot.query.answer, level: metadata }', '{ event: "*", fail_closed: true }')).toEqual([
      '4: policy.rules[1]: ALL THAT REACHES THE BOT FAILS CLOSED: while nothing can be recorded, nothing of it happens',
    ]);
    expect(warnings('{ risk: high, fail_closed: true }', '{ event: bot.command, fail_closed: true }')).toEqual([]);
  });

  it('has a rule that is never used', () => {
    expect(
      warnings('{ event: bot.member.*, fail_closed: true }', '{ event: bot.member.ban, level: metadata }'),
    ).toEqual(['4: policy.rules[1]: is never used: rules before it decide all that it is about']);
    expect(
      warnings('{ event: payment.* }', '{ event: payment.transfer }', '{ event: payment.*, framework: grammy }'),
    ).toHaveLength(2);
    expect(
      warnings(
        '{ event: payment.transfer }',
        '{ event: payment.* }',
        '{ event: "*", framework: grammy }',
        '{ event: "*" }',
      ),
    ).toEqual([]);
    expect(warnings('{ framework: grammy }', '{ framework: [grammy, telegraf], platform: telegram }')).toEqual([]);
    expect(warnings('{ event: [bot.crashed], risk: high }')).toEqual([
      '3: policy.rules[0]: is never used: none of its events is of its risk',
    ]);
  });

  it('names an event that looks like one of the catalogue and is none', () => {
    expect(warnings('{ event: [bot.membr.ban, bot.mesage.*, payment.transfer], fail_closed: true }')).toEqual([
      '3: policy.rules[0]: bot.membr.ban is no event of the catalogue; did you mean bot.member.ban?',
      '3: policy.rules[0]: bot.mesage.* is no event of the catalogue; did you mean bot.message?',
    ]);
  });

  it('in no time, also with hundreds of rules', () => {
    const rules = Array.from(
      { length: 400 },
      (_, index) => `{ event: made.up.${index}, platform: p${index}, level: none }`,
    );
    const before = performance.now();
    expect(warnings(...rules, '{ level: none }')).toHaveLength(1);
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});
