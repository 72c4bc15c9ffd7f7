import { runAs, withContext } from '@botaudit/api';
import { expect, test } from 'vitest';
import { type ActionResult, handleOutbound, type Outbound, type OutboundAction } from '../src/outbound.js';
import { ban, bot, refuse, send, useBackend } from './fixture.js';

const backend = useBackend();

function act<T>(action: OutboundAction, next: () => Promise<T>, more: Partial<Outbound<Promise<T>>> = {}): Promise<T> {
  return handleOutbound({ bot, action, args: { text: 'a secret' }, refuse, ...more }, next);
}

test('a low-risk action leaves one record, written before the caller knows of the outcome', async () => {
  const names = await act(send, async () => 'sent').then((result) => [result, ...backend.current.names]);
  expect(names).toEqual(['sent', 'bot.message.send']);
  const record = backend.current.only('bot.message.send');
  expect(record).toMatchObject({
    action: 'SEND',
    outcome: 'success',
    actor: { id: 'service:test', type: 'service' },
    target: send.target,
    trace: { traceId: expect.stringMatching(/^[0-9a-f]{32}$/) },
  });
  expect(record.attributes).toEqual({
    ...bot.attributes,
    'bot.api.method': 'sendMessage',
    'bot.chat.id': '-100',
    'bot.action.duration': expect.any(Number),
  });
});

test('a high-risk action is recorded before and after', async () => {
  const during = await act(ban, async () => [...backend.current.records]);
  expect(during).toHaveLength(1);
  const [attempt, outcome] = backend.current.named('bot.member.ban');
  expect(attempt).toMatchObject({ action: 'BAN', outcome: 'unknown' });
  expect(attempt?.attributes).toMatchObject({ 'bot.action.stage': 'attempt' });
  expect(attempt?.attributes).not.toHaveProperty('bot.action.duration');
  expect(outcome).toMatchObject({ action: 'BAN', outcome: 'success', trace: attempt?.trace });
  expect(outcome?.attributes).toMatchObject({
    'bot.action.stage': 'outcome',
    'bot.action.attempt.record_id': attempt?.id,
    'bot.action.arguments_hash': 'hash of banMember object',
  });
  expect(JSON.stringify(backend.current.records)).not.toContain('a secret');
});

test('an action that fails rejects with the very same error', async () => {
  class NetworkError extends Error {}
  const error = new NetworkError('https://host/secret');
  const caught = await act(send, () => Promise.reject(error)).catch((reason: unknown) => reason);
  expect(caught).toBe(error);
  const record = backend.current.only('bot.message.send');
  expect(record).toMatchObject({ outcome: 'failure', attributes: { 'error.type': 'NetworkError' } });
  expect(JSON.stringify(record)).not.toContain('secret');
});

test('an action that throws at once throws the very same error', () => {
  const error = new TypeError('no arguments');
  const run = () =>
    handleOutbound({ bot, action: send, args: {}, refuse: () => 0 }, () => {
      throw error;
    });
  expect(run).toThrow(error);
  expect(backend.current.only('bot.message.send').outcome).toBe('failure');
});

test("the platform's answer decides the outcome, the error and the target", async () => {
  const answer: ActionResult = {
    outcome: 'failure',
    errorType: '429',
    errorMessage: 'Too Many Requests'.padEnd(2000, '!'),
    target: { id: 'testplatform:-100/9', type: 'message' },
  };
  await act(send, async () => ({ ok: false }), { read: () => answer });
  const record = backend.current.only('bot.message.send');
  expect(record).toMatchObject({ outcome: 'failure', target: answer.target });
  expect(record.attributes).toMatchObject({ 'error.type': '429' });
  expect(record.attributes['error.message']).toHaveLength(512);
});

test('an answer that can not be read counts as what it looks like', async () => {
  const read = () => {
    throw new Error('a bug of ours');
  };
  await act(send, async () => true, { read });
  expect(backend.current.only('bot.message.send').outcome).toBe('success');
  expect(backend.current.errors).toHaveLength(1);
});

test('the actor of runAs is named, as asserted', async () => {
  await runAs({ id: 'service:cron', type: 'service' }, () => act(send, async () => true));
  expect(backend.current.only('bot.message.send').actor).toMatchObject({ id: 'service:cron', assurance: 'asserted' });
});

test('the bot that acts is named, not the one whose update led to it', async () => {
  await withContext({ bot: { 'bot.id': 'testplatform:8', 'bot.platform': 'other' } }, () => act(send, async () => 1));
  expect(backend.current.only('bot.message.send').attributes).toMatchObject(bot.attributes);
});

test('an action of which nothing is kept is carried out without a word', async () => {
  backend.current.policy['bot.message.send'] = { written: 'never' };
  expect(await act(send, async () => 'sent')).toBe('sent');
  expect(backend.current.records).toEqual([]);
});

test('when nothing can be written the action happens all the same', async () => {
  backend.current.unavailable = true;
  expect(await act(ban, async () => 'banned')).toBe('banned');
});

test.each([send, ban])('a fail-closed $name does not happen unrecorded', async (action) => {
  backend.current.unavailable = true;
  backend.current.policy['*'] = { failClosed: true };
  let happened = false;
  const caught = await act(action, async () => {
    happened = true;
  }).catch((error: unknown) => error);
  expect(caught).toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' });
  expect(happened).toBe(false);
});

test('a fail-closed action of low risk has its attempt on disk before it happens', async () => {
  backend.current.policy['bot.message.send'] = { failClosed: true };
  const before = await act(send, async () => backend.current.records.map(({ outcome }) => outcome));
  expect(before).toEqual(['unknown']);
  expect(backend.current.records.map(({ outcome }) => outcome)).toEqual(['unknown', 'success']);
});

test('a reason stands in the records before and after', async () => {
  await act({ ...ban, reason: 'spam' }, async () => true);
  expect(backend.current.records.map(({ reason }) => reason)).toEqual(['spam', 'spam']);
});
