import { expect, test } from 'vitest';
import { handleInbound, type InboundEvent } from '../src/inbound.js';
import { handleOutbound, type OutboundAction } from '../src/outbound.js';
import { ban, bot, command, message, refuse, send, skip, useBackend } from './fixture.js';

const backend = useBackend();

const handle = (event: InboundEvent, handler: () => Promise<unknown> = async () => 'handled') =>
  handleInbound({ bot, event, refuse, skip }, handler);
const act = (action: OutboundAction = ban, next: () => Promise<unknown> = async () => 'done') =>
  handleOutbound({ bot, action, args: { user_id: 1 }, refuse }, next);

const mark = () => {
  backend.current.policy['*'] = { onDuplicate: 'mark' };
};
const block = () => {
  backend.current.policy['*'] = { onDuplicate: 'block' };
};
/** What each record of these names says: outcome, whether it is marked, and of which. */
const told = (name: string) =>
  backend.current
    .named(name)
    .map(({ outcome, attributes: of }) => [outcome, of['bot.duplicate'], of['bot.duplicate.of'], of['error.type']]);

test('an update that comes again is handled, and marked with the first one', async () => {
  mark();
  expect(await handle(command)).toBe('handled');
  expect(await handle(command)).toBe('handled');
  const [first] = backend.current.named('bot.command');
  expect(told('bot.command')).toEqual([
    ['success', undefined, undefined, undefined],
    ['success', true, first?.id, undefined],
  ]);
});

test('a backend that knows of no duplicates, and a policy that allows them, are not asked', async () => {
  await handle(command);
  await handle(command, () => act());
  expect(backend.current.occurrences).toEqual([]);
});

test('an update without an id of its platform is none that could come again', async () => {
  mark();
  await handle({ ...command, attributes: {} });
  expect(backend.current.occurrences).toEqual([]);
});

test('an update that must not come again is not handled, which is on record, and its caller has what it expects', async () => {
  block();
  for (const event of [command, message]) {
    await handle(event);
    backend.current.seen.clear();
    backend.current.seen.set(backend.current.occurrences.at(-1)?.key ?? '', { recordId: 'r1' });
    let handled = false;
    const result = await handle(event, async () => {
      handled = true;
    });
    expect([handled, result]).toEqual([false, 'skipped']);
    expect(told(event.name).at(-1)).toEqual(['failure', true, 'r1', 'DuplicateActionError']);
  }
});

test('an update of which nobody can tell whether it came before is refused', async () => {
  block();
  backend.current.undecided = true;
  await expect(handle(command)).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' });
});

test('an update whose record is refused is the first one still when it comes again', async () => {
  backend.current.policy['*'] = { onDuplicate: 'block', failClosed: true, written: 'receipt' };
  backend.current.unavailable = true;
  await expect(handle(command)).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' });
  backend.current.unavailable = false;
  expect(await handle(command)).toBe('handled');
});

test('how the handling of an update ended is told: what a handler that failed has done nobody knows', async () => {
  mark();
  await handle(command);
  await handle({ ...command, attributes: { 'bot.update.id': '2' } }, () => Promise.reject(new Error('x'))).catch(
    () => {},
  );
  expect(backend.current.ends).toEqual(['success', 'unknown']);
});

test('an action for an update that came again is the same action, and is marked in attempt and outcome', async () => {
  backend.current.policy['bot.member.ban'] = { onDuplicate: 'mark' };
  await handle(command, () => act());
  await handle(command, () => act());
  const [first] = backend.current.named('bot.member.ban');
  expect(told('bot.member.ban')).toEqual([
    ['unknown', undefined, undefined, undefined],
    ['success', undefined, undefined, undefined],
    ['unknown', true, first?.id, undefined],
    ['success', true, first?.id, undefined],
  ]);
});

test('other arguments, another method, another update and another bot make another action', async () => {
  mark();
  await handle(command, () => act());
  await handle(command, () => handleOutbound({ bot, action: ban, args: 'other', refuse }, async () => {}));
  await handle(command, () => act({ ...ban, method: 'kickMember' }));
  await handle({ ...command, attributes: { 'bot.update.id': '2' } }, () => act());
  await handle(command, () =>
    handleOutbound(
      { bot: { ...bot, id: 'testplatform:8' }, action: ban, args: { user_id: 1 }, refuse },
      async () => {},
    ),
  );
  expect(told('bot.member.ban').filter(([, isMarked]) => isMarked)).toEqual([]);
});

test('an action that was refused by the platform may be tried again', async () => {
  mark();
  await handle(command, async () => {
    await act(ban, () => Promise.reject(new Error('429'))).catch(() => {});
    await act();
  });
  expect(told('bot.member.ban').filter(([, isMarked]) => isMarked)).toEqual([]);
});

test('an action that must not be carried out again is rejected and on record, and the bot goes on', async () => {
  backend.current.policy['bot.member.ban'] = { onDuplicate: 'block' };
  let times = 0;
  const answer = await handle(command, async () => {
    await act(ban, async () => ++times);
    return act(ban, async () => ++times).catch((error: Error) => error.name);
  });
  expect([times, answer]).toEqual([1, 'DuplicateActionError']);
  const [first] = backend.current.named('bot.member.ban');
  expect(told('bot.member.ban').at(-1)).toEqual(['failure', true, first?.id, 'DuplicateActionError']);
});

test('an action whose attempt is refused was not carried out, and may be tried again', async () => {
  backend.current.policy['bot.member.ban'] = { onDuplicate: 'block', failClosed: true };
  await handle(command, async () => {
    backend.current.unavailable = true;
    await act().catch(() => {});
    backend.current.unavailable = false;
    expect(await act()).toBe('done');
  });
});

test('what a bot does by itself is another action each time', async () => {
  block();
  await act();
  expect(await act()).toBe('done');
});

test('what nobody looks for has its arguments hashed no more than before', async () => {
  backend.current.policy['bot.message.send'] = { onDuplicate: 'allow' };
  await handle(command, () => act(send));
  expect(backend.current.only('bot.message.send').attributes).not.toHaveProperty('bot.action.arguments_hash');
});

test('a backend that fails leaves marking out, and what must not happen again does not happen', async () => {
  backend.current.occurrence = () => {
    throw new Error('broken');
  };
  mark();
  expect(await handle(command)).toBe('handled');
  block();
  await expect(handle(command)).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' });
});
