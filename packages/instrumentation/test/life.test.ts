import { unregisterBackend } from '@botaudit/api';
import { expect, test } from 'vitest';
import { announceBot, recordLife } from '../src/life.js';
import { bot, useBackend } from './fixture.js';

const backend = useBackend();

test('a bot acts by itself when it starts and stops', () => {
  recordLife(bot, 'bot.started', { body: { updates: 'polling' } });
  recordLife(bot, 'bot.stopping');
  expect(backend.current.records).toMatchObject([
    { name: 'bot.started', action: 'START', outcome: 'success', actor: { id: 'service:test' }, target: { id: bot.id } },
    { name: 'bot.stopping', action: 'STOP', outcome: 'success', target: { type: 'bot' } },
  ]);
  expect(backend.current.records[0]?.body).toEqual({ updates: 'polling' });
});

test('a crash names the class of its error', () => {
  recordLife(bot, 'bot.crashed', { error: new SyntaxError('a secret') });
  const record = backend.current.only('bot.crashed');
  expect(record).toMatchObject({ outcome: 'failure', attributes: { 'error.type': 'SyntaxError' } });
});

test('a policy may keep nothing of it, and without a backend nothing happens', () => {
  backend.current.policy['bot.started'] = { level: 'none' };
  recordLife(bot, 'bot.started');
  expect(backend.current.records).toEqual([]);
  unregisterBackend();
  recordLife(bot, 'bot.started');
  announceBot({ id: 'testplatform:1', platform: 'testplatform' });
});

test('a bot is announced once, and again when its name is known', () => {
  const info = { id: 'testplatform:9', platform: 'testplatform' };
  for (const name of [undefined, undefined, '@nine', '@nine', undefined]) announceBot({ ...info, name });
  expect(backend.current.bots).toEqual([
    { ...info, name: undefined },
    { ...info, name: '@nine' },
  ]);
});

test('a connection is told by its own target', () => {
  recordLife(bot, 'bot.connected', { target: { id: `${bot.id}/0` }, body: { shard: '0' } });
  expect(backend.current.only('bot.connected')).toMatchObject({
    action: 'START',
    target: { id: 'testplatform:7/0', type: 'connection' },
    body: { shard: '0' },
  });
});
