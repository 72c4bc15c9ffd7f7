import { activeContext, type Decision } from '@botaudit/api';
import { expect, test, vi } from 'vitest';
import { handleInbound } from '../src/inbound.js';
import { handleOutbound } from '../src/outbound.js';
import { ban, bot, command, refuse, skip, useBackend } from './fixture.js';

const backend = useBackend();

/** By which decisions the records of an event were written. */
function decisionsOf(name: string) {
  const write = vi.spyOn(backend.current, 'write');
  return (): (Decision | undefined)[] =>
    write.mock.calls.filter(([event]) => event.name === name).map(([, decision]) => decision);
}

test('attempt and outcome are written by the decision that the action began with', async () => {
  const written = decisionsOf('bot.member.ban');
  backend.current.policy['*'] = { level: 'content', written: 'attempt-and-outcome' };
  await handleOutbound<Promise<unknown>>({ bot, action: ban, args: {}, refuse }, async () => {
    backend.current.policy['*'] = { level: 'metadata', written: 'outcome' };
  });
  expect(written()).toMatchObject([{ level: 'content' }, { level: 'content' }]);
});

test('an update is written by the decision that it was received with, whenever something refers to it', () => {
  const written = decisionsOf('bot.command');
  backend.current.policy['*'] = { level: 'content', written: 'caused' };
  handleInbound<void>({ bot, event: command, refuse: refuse as never, skip: skip as never }, () => {
    backend.current.policy['*'] = { level: 'metadata' };
    activeContext()?.trigger?.recordId();
  });
  expect(written()).toMatchObject([{ level: 'content' }]);
});
