import { expect, test } from 'vitest';
import { CATALOGUE, eventDefinition } from '../src/index.js';

const entries = Object.entries(CATALOGUE);

test('every event is named by dot-separated lower-case words and acts by an upper-case verb', () => {
  for (const [name, { verb, targetType, description }] of entries) {
    expect(name).toMatch(/^[a-z]+(\.[a-z]+)+$/);
    expect(verb).toMatch(/^[A-Z]+$/);
    expect(targetType).toMatch(/^[a-z]+$/);
    expect(description).toMatch(/^[A-Z].*\.$/);
  }
});

test('exactly moderation, roles, payments, tools, settings and webhooks are of high risk and leave an attempt', () => {
  const risky =
    /^(bot\.member\.(ban|unban|kick|mute|unmute|approve|reject)|bot\.role\..*|bot\.payment\..*|.*\.tool\.call|bot\.settings\.update|bot\.webhook\.set)$/;
  for (const [name, { risk, written }] of entries) {
    expect([name, risk === 'high']).toEqual([name, risky.test(name)]);
    expect([name, written === 'attempt-and-outcome']).toEqual([name, risky.test(name)]);
  }
});

test('what arrives is recorded at receipt, a message only when it causes something', () => {
  const inbound = entries.filter(([, { written }]) => written === 'receipt' || written === 'caused');
  expect(inbound.map(([name, { written }]) => [name, written])).toEqual([
    ['bot.command', 'receipt'],
    ['bot.message', 'caused'],
    ['bot.callback', 'receipt'],
    ['bot.event', 'receipt'],
    ['bot.activity', 'caused'],
  ]);
});

test('what auditing tells of itself, and what is only seen, leaves one record; what arrives is of low risk', () => {
  for (const [name, { direction, written, risk }] of entries) {
    expect([name, direction === 'audit']).toEqual([name, name.startsWith('audit.')]);
    expect([name, direction === 'inbound']).toEqual([name, written === 'receipt' || written === 'caused']);
    if (direction === 'audit' || direction === 'observed') expect([name, written]).toEqual([name, 'outcome']);
    if (direction === 'inbound') expect([name, risk]).toEqual([name, 'low']);
  }
});

test('deleting a message is of medium risk and leaves one record', () => {
  expect(eventDefinition('bot.message.delete')).toMatchObject({ verb: 'DELETE', risk: 'medium', written: 'outcome' });
});

test("a name that is not in the catalogue has no definition, nor have the names of an object's own members", () => {
  for (const name of ['payment.transfer', '', '__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    expect(eventDefinition(name)).toBeUndefined();
  }
});
