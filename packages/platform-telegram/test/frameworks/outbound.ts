import { AuditUnavailableError, runAs } from '@botaudit/api';
import { expect, test } from 'vitest';
import type { StageHolder } from '../stage.js';
import type { FrameworkApiError, FrameworkBot } from './bot.js';
import { rejection } from './rejection.js';

interface Dialect {
  /** The arguments of the call that was refused. */
  readonly argumentsOf: (error: Error) => unknown;
  /** Looks at the error of a call whose connection broke. */
  readonly expectBroken: (error: unknown) => void;
  /** Looks at the error of a call that was given up. */
  readonly expectGivenUp: (error: unknown) => void;
  /** The stage's bot, of a Telegram that is elsewhere. */
  readonly newBotAt: (apiRoot: string) => FrameworkBot;
  /** Sends a message that can be given up. */
  readonly sendMessage: (chat: number, text: string, signal: AbortSignal) => Promise<unknown>;
  /** A file to be uploaded. */
  readonly file: (bytes: Buffer, name: string) => unknown;
}

/** Tests of every framework: what its bot asks of Telegram, and how that ends. */
export function testOutbound(
  stage: StageHolder,
  { argumentsOf, expectBroken, expectGivenUp, newBotAt, sendMessage, file }: Dialect,
): void {
  test('the call of a bot that nobody asked is its own', async () => {
    const { client, ada, account, backend } = stage.current;
    ada.says(account, 'hello');
    await client.sendMessage(ada.id, 'good morning');
    expect(backend.only('bot.message.send')).toMatchObject({
      actor: { id: 'service:test', type: 'service' },
      attributes: { 'bot.chat.id': String(ada.id) },
    });
  });

  test("an application's actor stands in where there is none", async () => {
    const { client, group, backend } = stage.current;
    await runAs({ id: 'service:nightly', type: 'service' }, () => client.sendMessage(group.id, 'good night'));
    expect(backend.only('bot.message.send').actor).toMatchObject({ id: 'service:nightly', assurance: 'asserted' });
  });

  test("the Bot API's error reaches the bot as the framework made it, and the record by code and description", async () => {
    const { client, backend } = stage.current;
    const error = (await rejection(client.sendMessage(1, 'a secret'))) as FrameworkApiError;
    expect(error).toBeInstanceOf(stage.current.ApiError);
    expect(argumentsOf(error)).toEqual({ chat_id: 1, text: 'a secret' });
    expect(backend.only('bot.message.send')).toMatchObject({
      outcome: 'failure',
      target: { id: 'telegram:1', type: 'chat' },
      attributes: { 'error.type': '400', 'error.message': error.description },
    });
    expect(JSON.stringify(backend.records)).not.toContain('a secret');
  });

  test('a rate limit is a failure of that call', async () => {
    const { client, telegram, group, backend } = stage.current;
    telegram.failNext('sendMessage', { error_code: 429, retry_after: 7 });
    const error = (await rejection(client.sendMessage(group.id, 'x'))) as FrameworkApiError;
    expect(error.parameters?.retry_after).toBe(7);
    expect(backend.only('bot.message.send').attributes).toMatchObject({
      'error.type': '429',
      'error.message': expect.stringContaining('retry after 7'),
    });
  });

  test('a connection that breaks leaves the outcome open, and no address in the record', async () => {
    const { client, telegram, group, bob, account, backend } = stage.current;
    telegram.failNext('banChatMember', { reset: 'after' });
    expectBroken(await rejection(client.banChatMember(group.id, bob.id)));
    const [, outcome] = backend.named('bot.member.ban');
    expect(outcome).toMatchObject({ outcome: 'unknown', attributes: { 'error.type': 'ECONNRESET' } });
    const written = JSON.stringify(backend.records);
    for (const part of [account.token.split(':')[1], 'http', '127.0.0.1']) expect(written).not.toContain(part);
  });

  test('a server that is not there has been asked nothing', async () => {
    const { backend } = stage.current;
    const client = stage.current.clientOf(newBotAt('http://127.0.0.1:1'));
    await rejection(client.sendMessage(1, 'x'));
    expect(backend.only('bot.message.send')).toMatchObject({
      outcome: 'failure',
      attributes: { 'error.type': 'ECONNREFUSED' },
    });
  });

  test('a call that the bot gives up leaves the outcome open', async () => {
    const { telegram, group, backend } = stage.current;
    telegram.failNext('sendMessage', { delayMs: 5_000 });
    const giveUp = new AbortController();
    const call = rejection(sendMessage(group.id, 'x', giveUp.signal));
    await telegram.until(() => telegram.calls.length > 0);
    giveUp.abort();
    expectGivenUp(await call);
    expect(backend.only('bot.message.send')).toMatchObject({
      outcome: 'unknown',
      attributes: { 'error.type': 'AbortError' },
    });
  });

  test('a page of something that is not the Bot API leaves the outcome open', async () => {
    const { client, telegram, group, backend } = stage.current;
    telegram.failNext('sendMessage', { status: 502, body: '<h1>Bad gateway</h1>' });
    await rejection(client.sendMessage(group.id, 'x'));
    expect(backend.only('bot.message.send').outcome).toBe('unknown');
  });

  test('uploads reach the platform whole', async () => {
    const { client, telegram, group, backend } = stage.current;
    await client.sendDocument(group.id, file(Buffer.from('the bytes'), 'report.pdf') as never);
    expect(telegram.calls.at(-1)).toMatchObject({ method: 'sendDocument', files: ['report.pdf'] });
    expect(backend.only('bot.message.send').outcome).toBe('success');
  });

  test('a fail-closed action that can not be recorded does not happen, and its caller learns why', async () => {
    const { client, telegram, group, bob, backend } = stage.current;
    backend.policy['bot.member.ban'] = { failClosed: true };
    backend.unavailable = true;
    const error = await rejection(client.banChatMember(group.id, bob.id));
    expect(error).toBeInstanceOf(AuditUnavailableError);
    expect(telegram.calls).toEqual([]);
  });
}
