import type { AttributeMap } from '@botaudit/record';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { linesOf } from './support/botaudit.js';
import { hashHere, policy, usePolicyFolder, write } from './support/policy-folder.js';
import { TestJournal } from './support/test-journal.js';

usePolicyFolder();

describe('policy explain', () => {
  const RULES = [
    '{ platform: discord, level: none }',
    '{ event: [bot.member.*, payment.*], fail_closed: true }',
    '{ event: bot.message.*, written: never }',
  ];

  test('tells which rule decides on an event, what is kept, and when', async () => {
    write(RULES);
    expect((await policy('explain', 'bot.member.ban')).stdout).toBe(`\
event         bot.member.ban (A member was banned)
direction     outbound: the bot does it
risk          high
rule          policy.rules[1], botaudit.yaml:4
elsewhere     policy.rules[0], botaudit.yaml:3 decides with --platform discord
kept          metadata: ids, no text and no argument values
written       attempt-and-outcome: a record before, and one when the outcome is known
fails closed  yes: while it can't be recorded, it does not happen; whoever brought it gets AuditUnavailableError
`);
    expect((await policy('explain', 'bot.member.ban', '--platform', 'discord')).stdout).toBe(`\
event      bot.member.ban (A member was banned)
platform   discord
direction  outbound: the bot does it
risk       high
rule       policy.rules[0], botaudit.yaml:3
kept       nothing
`);
  });

  test('tells it of what no rule is about, of what is the application’s own, and of what auditing tells of itself', async () => {
    write(RULES);
    expect((await policy('explain', 'bot.command')).stdout).toContain(`
rule          none: as the catalogue of events says
`);
    expect((await policy('explain', 'payment.transfer')).stdout).toBe(`\
event         payment.transfer (of the application)
rule          policy.rules[1], botaudit.yaml:4
elsewhere     policy.rules[0], botaudit.yaml:3 decides with --platform discord
kept          metadata: what the application says of it
written       one record, when the application says so
fails closed  yes: while it can't be recorded, it does not happen; record() throws AuditUnavailableError
`);
    expect((await policy('explain', 'audit.heartbeat')).stdout).toContain(`
rule       none: no policy changes it
kept       always
`);
  });

  test('tells it of several events in a line each', async () => {
    write(RULES);
    const { stdout } = await policy('explain', 'bot.message.*');
    expect(linesOf(stdout)).toHaveLength(8);
    expect(linesOf(stdout)[0]).toBe('bot.message.send    policy.rules[2] nothing');
    const all = await policy('explain', '*', '--json');
    const closed = linesOf(all.stdout).flatMap((line) => {
      const { event, fail_closed } = JSON.parse(line);
      return fail_closed ? [event] : [];
    });
    expect(closed).toContain('bot.member.ban');
    expect(closed.every((name) => name.startsWith('bot.member.'))).toBe(true);
    expect(await policy('explain', 'nope.*')).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        "botaudit: no event begins as nope.* says; botaudit policy explain '*' lists those that a policy decides on\n",
    });
  });

  test('what a rule does with fields is told', async () => {
    write(['{ event: payment.*, fields: { body.card: drop, audit.reason: mask } }']);
    const { stdout } = await policy('explain', 'payment.transfer');
    expect(stdout).toMatch(/field +body\.card: drop\n *field +audit\.reason: mask\n/);
    const [line = ''] = linesOf((await policy('explain', 'payment.transfer', '--json')).stdout);
    expect(JSON.parse(line).fields).toEqual({ 'body.card': 'drop', 'audit.reason': 'mask' });
  });

  test('tells it of a chat and of an actor, with what would decide elsewhere', async () => {
    write([
      '{ event: bot.message, chat_type: private, level: none }',
      '{ event: bot.*, actor: [telegram:42, service], level: full, size_limit: 16 KiB }',
      '{ event: bot.*, level: content }',
    ]);
    expect((await policy('explain', 'bot.message')).stdout).toBe(`\
event         bot.message (A person wrote a message that made the bot act, or fail)
direction     inbound: it reaches the bot
risk          low
rule          policy.rules[2], botaudit.yaml:5
elsewhere     policy.rules[0], botaudit.yaml:3 decides with --chat-type private
elsewhere     policy.rules[1], botaudit.yaml:4 decides with --actor telegram:42 or service
kept          content: ids, and what was said: texts, arguments of commands, names of files
written       caused: one record, just before that of an action that it causes, or when its handler fails
fails closed  no: it happens, and a lost record is counted
`);
    const { stdout } = await policy('explain', 'bot.message', '--chat-type', 'group', '--actor', 'telegram:42');
    expect(stdout).toContain(`
chat type     group
actor         telegram:42 (user)
`);
    expect(stdout).toContain(`
kept          full: all that came in, or was sent and answered, but for secrets and the contents of files
at most       16384 bytes a record
`);
    const json = JSON.parse((await policy('explain', 'bot.message.send', '--actor', 'service', '--json')).stdout);
    expect(json).toMatchObject({ level: 'full', size_limit: 16_384, rule: { key: 'policy.rules[1]' } });
    expect((await policy('explain', 'bot.message', '--chat-type', 'private')).stdout).toContain('kept       nothing\n');
  });

  test('without a file it explains the built-in policy', async () => {
    const { code, stdout } = await policy('explain', 'bot.member.ban', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      event: 'bot.member.ban',
      platform: null,
      framework: null,
      chat_type: null,
      actor: null,
      direction: 'outbound',
      risk: 'high',
      rule: null,
      level: 'metadata',
      written: 'attempt-and-outcome',
      fail_closed: false,
      size_limit: 262_144,
      fields: null,
      on_duplicate: null,
      policy_hash: hashHere(),
    });
  });

  test('does so only by a configuration that is right', async () => {
    const file = write(['{ evnt: x }']);
    const { code, stdout, stderr } = await policy('explain', 'bot.command', '--config', file);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('botaudit.yaml:3: policy.rules[0].evnt: unknown key');
  });

  describe('of a record', () => {
    let journal: TestJournal;
    beforeEach(() => {
      journal = new TestJournal();
    });
    afterEach(() => journal.remove());

    /** Writes a ban on Discord in a stream whose policy has this hash. Returns the record's id. */
    function ban(policyHash?: string, more: Record<string, string> = {}): string {
      const stream = journal.open(undefined, {
        body: policyHash === undefined ? undefined : { policy_hash: policyHash },
      });
      const attributes = { 'bot.platform': 'discord', 'bot.framework': 'discord.js', ...more };
      const id = stream.write({ event: 'bot.member.ban', attributes });
      stream.close();
      return id;
    }

    const HOLDS = 'audit.action, audit.actor.id, audit.actor.type, audit.outcome, audit.record.id';
    const explain = (id: string, ...args: string[]) => policy('explain', id, '--dir', journal.directory, ...args);

    test('tells whether the policy is the one that it was written under', async () => {
      write(RULES);
      const id = ban(hashHere());
      const { code, stdout } = await explain(id.slice(0, 8));
      expect(code).toBe(0);
      expect(stdout).toBe(`\
record         ${id}
written under  the present policy, ${hashHere()}
holds          ${HOLDS}, bot.framework, bot.id, bot.platform
event          bot.member.ban (A member was banned)
platform       discord
framework      discord.js
actor          telegram:42 (user)
direction      outbound: the bot does it
risk           high
rule           policy.rules[0], botaudit.yaml:3
kept           nothing
`);
      const json = JSON.parse((await explain(id, '--json')).stdout);
      expect(json).toMatchObject({
        level: 'none',
        platform: 'discord',
        record: {
          id,
          number: 2,
          policy_hash: hashHere(),
          policy_rule: null,
          holds: expect.arrayContaining(['bot.id']),
        },
      });
    });

    test('tells the policy that was in force when it was written, and its rule, though others came before and after', async () => {
      const stream = journal.open(undefined, { body: { policy_hash: 'a'.repeat(64) } });
      const load = (letter: string, rules: AttributeMap[]) =>
        stream.write({
          event: 'audit.policy.loaded',
          body: { policy_hash: letter.repeat(64), rules, previous_policy_hash: 'a'.repeat(64) },
        });
      load('a', [{ event: ['bot.member.ban'], level: 'none' }]);
      load('b', [
        { event: ['bot.callback'], level: 'none' },
        { event: ['bot.member.*'], written: 'outcome', fail_closed: true },
      ]);
      const id = stream.write({ event: 'bot.member.ban', body: { text: 'x' } });
      load('c', [{ event: ['bot.member.ban'], level: 'none' }]);
      stream.close();
      const { stdout } = await explain(id);
      expect(stdout).toContain(`written under  another policy, ${'b'.repeat(64)}; this is what the present one says
by             rules[1] of that policy, as it is on record; written outcome; fail_closed
holds          ${HOLDS}, bot.id, body.text
`);
      expect(JSON.parse((await explain(id, '--json')).stdout)).toMatchObject({
        record: { policy_hash: 'b'.repeat(64), policy_rule: 'rules[1]' },
      });
    });

    test('by the chat and the actor that it names', async () => {
      write(['{ chat_type: text, actor: "discord:*", level: content }']);
      const actor = { 'audit.actor.id': 'discord:42', 'audit.actor.type': 'user' };
      const inText = ban(hashHere(), { ...actor, 'bot.chat.type': 'text' });
      expect(JSON.parse((await explain(inText, '--json')).stdout)).toMatchObject({
        level: 'content',
        chat_type: 'text',
        actor: 'discord:42',
      });
      const elsewhere = ban(hashHere(), actor);
      expect(JSON.parse((await explain(elsewhere, '--json')).stdout)).toMatchObject({ level: 'metadata', rule: null });
    });

    test('or another one, or none that is known', async () => {
      write(RULES);
      const other = ban('a'.repeat(64));
      expect((await explain(other)).stdout).toContain(
        `written under  another policy, ${'a'.repeat(64)}; this is what the present one says\n`,
      );
      const unknown = ban();
      expect((await explain(unknown)).stdout).toContain('written under  a policy that is not known');
    });

    test('that is not there ends with 1', async () => {
      ban();
      expect(await explain('0000aaaa')).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining("no record's id begins with 0000aaaa"),
      });
    });
  });
});
