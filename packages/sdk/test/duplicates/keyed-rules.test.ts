import { DuplicateActionError, once, record, registerBackend, unregisterBackend, withContext } from '@botaudit/api';
import { afterEach, expect, it } from 'vitest';
import { streamsIn } from '../journal-of.js';
import { writePolicy } from '../policy-of.js';
import { directory, start } from '../running-backend.js';

afterEach(() => unregisterBackend());

const transfer = { name: 'payment.transfer', action: 'EXECUTE', outcome: 'success' } as const;
const anna = { id: 'telegram:42', type: 'user' } as const;
const ben = { id: 'telegram:43', type: 'user' } as const;

const transfers = () =>
  streamsIn(directory)
    .flat()
    .filter(({ eventName }) => eventName === transfer.name);

it('blocks what an application gives a key where the rule asks for who acts, and marks it for others', () => {
  writePolicy(directory, '{ event: payment.transfer, actor: telegram:42, on_duplicate: block }');
  registerBackend(start());
  record({ ...transfer, actor: anna, idempotencyKey: 'a' });
  expect(() => record({ ...transfer, actor: anna, idempotencyKey: 'a' })).toThrow(DuplicateActionError);
  record({ ...transfer, actor: ben, idempotencyKey: 'b' });
  record({ ...transfer, actor: ben, idempotencyKey: 'b' });
  expect(transfers().map(({ attributes: of }) => [of['audit.outcome'], of['bot.duplicate']])).toEqual([
    ['success', undefined],
    ['failure', true],
    ['success', undefined],
    ['success', true],
  ]);
});

it('blocks it where the rule asks for the kind of chat in which an update is handled', () => {
  writePolicy(directory, '{ event: payment.transfer, chat_type: group, on_duplicate: block }');
  registerBackend(start());
  const inChat = (type: string, key: string) =>
    withContext({ actor: anna, update: { 'bot.chat.type': type } }, () => record({ ...transfer, idempotencyKey: key }));
  inChat('group', 'a');
  expect(() => inChat('group', 'a')).toThrow(DuplicateActionError);
  inChat('private', 'b');
  expect(inChat('private', 'b')).toBeDefined();
});

it('keeps the records of what runs once where only a rule about who acts keeps them', async () => {
  writePolicy(
    directory,
    '{ event: payment.transfer, actor: telegram:42, level: metadata }',
    '{ event: payment.transfer, level: none }',
  );
  registerBackend(start());
  await once('a', () => 'paid', { name: transfer.name, actor: anna });
  await once('b', () => 'paid', { name: transfer.name, actor: ben });
  expect(transfers().map(({ attributes: of }) => [of['bot.action.stage'], of['audit.actor.id']])).toEqual([
    ['attempt', anna.id],
    ['outcome', anna.id],
  ]);
});
