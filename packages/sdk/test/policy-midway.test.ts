import { once, registerBackend, unregisterBackend } from '@botaudit/api';
import { afterEach, expect, it } from 'vitest';
import type { Backend } from '../src/index.js';
import { onlyStreamIn } from './journal-of.js';
import { writePolicy } from './policy-of.js';
import { directory, event, start, until } from './running-backend.js';

afterEach(() => unregisterBackend());

const WATCHED = { BOTAUDIT_POLICY_WATCH_INTERVAL_MS: '10' };
const SEND = { name: 'bot.message.send' };
const levelIs = (backend: Backend, level: string) => until(() => backend.decide(SEND).level === level, 30_000);

it('what was taken down under a rule for its fields is kept by that rule, though the policy changes before it is written', async () => {
  writePolicy(directory, '{ event: bot.message.send, level: content, fields: { body.text: mask } }');
  const backend = start(WATCHED);
  const decision = backend.decide(SEND);
  expect(decision.level).toBe('content');
  writePolicy(directory, '{ event: bot.message.send, level: metadata }');
  await levelIs(backend, 'metadata');
  const id = backend.write(event({ body: { text: 'my diagnosis' } }), decision);
  await backend.shutdown();
  const records = onlyStreamIn(directory);
  expect(records.find(({ attributes }) => attributes['audit.record.id'] === id)?.body).toEqual({
    text: '[masked:field]',
  });
  expect(JSON.stringify(records)).not.toContain('my diagnosis');
});

it('what runs once keeps its outcome however often the policy changes meanwhile', async () => {
  const backend = start(WATCHED);
  registerBackend(backend);
  await once(
    'a',
    async () => {
      for (const level of ['none', 'content', 'none']) {
        writePolicy(directory, `{ event: "*", level: ${level} }`);
        await levelIs(backend, level);
      }
      writePolicy(directory, '{ event: "*", level: none }', '{ event: bot.ban, level: none }');
      await until(
        () => onlyStreamIn(directory).filter((each) => each.eventName === 'audit.policy.loaded').length === 4,
      );
    },
    { name: 'payment.transfer' },
  );
  await backend.shutdown();
  const kept = onlyStreamIn(directory).filter(({ eventName }) => eventName === 'payment.transfer');
  expect(kept.map(({ attributes }) => attributes['bot.action.stage'])).toEqual(['attempt', 'outcome']);
});
