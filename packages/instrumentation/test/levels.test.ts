import { hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { EventQuery } from '@botaudit/api';
import { record } from '@botaudit/api';
import { expect, test, vi } from 'vitest';
import { handleInbound, type InboundEvent } from '../src/inbound.js';
import { type ActionResult, handleOutbound, type Outbound, type OutboundAction } from '../src/outbound.js';
import { ban, bot, command, refuse, send, skip, useBackend } from './fixture.js';

const backend = useBackend();

const TEXT = 'what was said';
const update = { update_id: 1, message: { text: TEXT } };
const spoken = (event: InboundEvent): InboundEvent => ({
  ...event,
  body: { id: 'always' },
  content: () => ({ text: TEXT }),
  update: () => update,
});
const receive = <T>(event: InboundEvent, handler: () => T) =>
  handleInbound<T>({ bot, event, refuse: refuse as never, skip: skip as never }, handler);
const act = (action: OutboundAction, more: Partial<Outbound<Promise<unknown>>> = {}, answer: unknown = { ok: true }) =>
  handleOutbound<Promise<unknown>>(
    { bot, action: { ...action, content: () => ({ text: TEXT }) }, args: { text: TEXT }, refuse, ...more },
    async () => answer,
  );
const bodies = (name: string) => backend.current.named(name).map(({ body }) => body);
const keep = (level: 'metadata' | 'content' | 'full') => {
  backend.current.policy['*'] = { level };
};

test('at metadata nobody looks at what was said, nor at the whole', async () => {
  const look = vi.fn();
  receive({ ...command, content: look, update: look }, () => undefined);
  await act({ ...send, content: look }, { request: look, read: () => ({ outcome: 'success', content: look }) });
  expect(look).not.toHaveBeenCalled();
  expect(JSON.stringify(backend.current.records)).not.toContain(TEXT);
});

test('each level of what reaches a bot holds all of the one before', () => {
  for (const level of ['metadata', 'content', 'full'] as const) {
    keep(level);
    receive(spoken(command), () => undefined);
  }
  expect(bodies('bot.command')).toEqual([
    { id: 'always' },
    { id: 'always', text: TEXT },
    { id: 'always', text: TEXT, update },
  ]);
});

test('each level of what a bot does holds all of the one before, with what was answered', async () => {
  const read = (): ActionResult => ({ outcome: 'success', content: () => ({ chosen: ['answer'] }) });
  for (const level of ['metadata', 'content', 'full'] as const) {
    keep(level);
    await act({ ...send, body: { id: 'always' } }, { read });
  }
  const content = { id: 'always', text: TEXT, chosen: ['answer'] };
  expect(bodies('bot.message.send')).toEqual([
    { id: 'always' },
    content,
    { ...content, request: { text: TEXT }, response: { ok: true } },
  ]);
});

test('what is recorded before it is done says so then, and its outcome what was answered alone', async () => {
  keep('full');
  await act(ban);
  expect(bodies('bot.member.ban')).toEqual([{ text: TEXT, request: { text: TEXT } }, { response: { ok: true } }]);
});

test('an outcome whose attempt could not be recorded says what was asked for', async () => {
  keep('full');
  backend.current.unavailable = true;
  const acting = handleOutbound<Promise<unknown>>({ bot, action: ban, args: { text: TEXT }, refuse }, async () => {
    backend.current.unavailable = false;
    return { ok: true };
  });
  await acting;
  expect(bodies('bot.member.ban')).toEqual([{ request: { text: TEXT }, response: { ok: true } }]);
});

test('what is asked for is taken down before the call, which may change it', async () => {
  keep('full');
  const args = { text: TEXT, list: [1] };
  await handleOutbound<Promise<unknown>>({ bot, action: send, args, refuse }, async () => {
    args.text = 'changed';
    args.list.pop();
  });
  expect(bodies('bot.message.send')).toEqual([{ request: { text: TEXT, list: [1] } }]);
});

test('a mapping that fails costs its content, and not the record', async () => {
  keep('full');
  const content = () => {
    throw new Error('broken mapping');
  };
  receive({ ...spoken(command), content }, () => undefined);
  await handleOutbound<Promise<unknown>>({ bot, action: { ...send, content }, args: {}, refuse }, async () => 1);
  expect(bodies('bot.command')).toEqual([{ id: 'always', update }]);
  expect(bodies('bot.message.send')).toEqual([{ request: {}, response: 1 }]);
  expect(backend.current.errors).toHaveLength(2);
});

test('files are told of by what is known of them, and never by what they hold', async () => {
  keep('full');
  const bytes = Buffer.from('the content of a file');
  const described = { size: bytes.length, sha256: hash('sha256', bytes) };
  const stream = createReadStream(new URL(import.meta.url));
  const args = {
    buffer: bytes,
    list: [new Uint8Array(bytes)],
    blob: new Blob([bytes], { type: 'image/png' }),
    file: new File([bytes], 'cat.png'),
    uri: `data:image/png;base64,${bytes.toString('base64')}`,
    library: { held: bytes },
    stream,
  };
  const describe = (part: string | object) =>
    typeof part === 'object' && 'held' in part ? { name: 'known' } : undefined;
  await act(send, { args, describe });
  stream.destroy();
  expect(backend.current.only('bot.message.send').body?.request).toEqual({
    buffer: described,
    list: [described],
    blob: { type: 'image/png', size: bytes.length },
    file: { name: 'cat.png', size: bytes.length },
    uri: { type: 'image/png', ...described },
    library: { name: 'known' },
    stream: { name: 'levels.test.ts', stream: true },
  });
  expect(stream.bytesRead).toBe(0);
});

test('a hostile update is recorded whole, as far as it can be, and throws nothing into the bot', () => {
  keep('full');
  const hostile: Record<string, unknown> = { text: 'x'.repeat(5_000_000), ['__proto__']: { polluted: true } };
  Object.defineProperty(hostile, '__proto__', { value: { polluted: true }, enumerable: true });
  Object.defineProperty(hostile, 'trap', {
    enumerable: true,
    get: () => {
      throw new Error('looked at');
    },
  });
  hostile.itself = hostile;
  hostile.proxy = new Proxy({}, { ownKeys: () => Reflect.ownKeys(hostile.nothing as object) });
  expect(receive({ ...command, update: () => hostile }, () => 'handled')).toBe('handled');
  const whole = backend.current.only('bot.command').body?.update as Record<string, unknown>;
  expect(whole).toMatchObject({ itself: '[circular]', trap: '[unreadable]', proxy: '[unreadable]' });
  expect(whole.text).toHaveLength(5_000_000);
  expect(Object.getOwnPropertyDescriptor(whole, '__proto__')?.value).toEqual({ polluted: true });
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(backend.current.errors).toEqual([]);
});

test('the policy is told in which kind of chat something happens, and who acts', async () => {
  const asked: EventQuery[] = [];
  const decide = backend.current.decide.bind(backend.current);
  backend.current.decide = (query) => {
    asked.push(query);
    return decide(query);
  };
  const event = { ...command, attributes: { ...command.attributes, 'bot.chat.type': 'group' } };
  const elsewhere = { ...send, attributes: { 'bot.chat.id': '-200' } };
  const nowhere = { ...send, name: 'bot.settings.update', attributes: {} };
  await receive(event, async () => {
    await act(send);
    await act(elsewhere);
    await act(nowhere);
    record({ name: 'payment.transfer', action: 'TRANSFER', outcome: 'success' });
    throw new Error('failed');
  }).catch(() => undefined);
  await act(send);

  const { actor } = command;
  const self = backend.current.self;
  const about = asked
    .filter((query) => 'chatType' in query)
    .map(({ name, chatType, actor }) => ({ name, chatType, actor }));
  expect(about).toEqual([
    { name: 'bot.command', chatType: 'group', actor },
    { name: 'bot.message.send', chatType: 'group', actor },
    { name: 'bot.message.send', chatType: undefined, actor },
    { name: 'bot.settings.update', chatType: 'group', actor },
    { name: 'bot.handler.error', chatType: 'group', actor },
    { name: 'bot.message.send', chatType: undefined, actor: self },
  ]);
  // What is written says the same, so that it is decided alike.
  const types = backend.current.records.map(({ name, attributes }) => [name, attributes['bot.chat.type']]);
  expect(types).toEqual([
    ['bot.command', 'group'],
    ['bot.message.send', 'group'],
    ['bot.message.send', undefined],
    ['bot.settings.update', 'group'],
    ['bot.settings.update', 'group'],
    ['payment.transfer', 'group'],
    ['bot.handler.error', 'group'],
    ['bot.message.send', undefined],
  ]);
});
