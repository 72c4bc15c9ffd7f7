import { expect } from 'vitest';
import type { BotAccount, LoggedCall, TelegramServer } from '../../platforms/telegram/index.ts';
import { expectSame } from './figures.ts';
import { aboutBots, type PlainRecord } from './records.ts';

/** Methods that leave no record: asking for updates, and signs of presence. */
const NO_ACTION: ReadonlySet<string> = new Set(['getUpdates', 'sendChatAction']);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * How a call ended, as a record has to tell it. Of a call in the answer of a webhook, the bot never learns it; what a
 * server that failed has carried out is open.
 */
function outcomeOf({ envelope, transport }: LoggedCall): string {
  if (!envelope || transport === 'webhook-reply') return 'unknown';
  if (envelope.ok) return 'success';
  return envelope.error_code >= 500 ? 'unknown' : 'failure';
}

/** What was recorded of calls: the final record of each, without those written before the action. */
function finalRecords(records: readonly PlainRecord[], account: BotAccount): PlainRecord[] {
  return records.filter(
    ({ attributes }) =>
      attributes['bot.api.method'] !== undefined &&
      attributes['bot.id'] === `telegram:${account.id}` &&
      attributes['bot.action.stage'] !== 'attempt',
  );
}

/**
 * Fails unless every call that reached Telegram, except polling, has exactly one record of its end with the right
 * outcome, and there is no record of a call that was not made.
 */
export function expectSentIsRecorded(
  telegram: TelegramServer,
  account: BotAccount,
  records: readonly PlainRecord[],
): void {
  const sent = telegram.log.of().filter(({ bot, method }) => bot === account && !NO_ACTION.has(method));
  const tell = (method: unknown, outcome: unknown, error: unknown) => `${method} ${outcome} ${error ?? ''}`.trim();
  const expected = sent.map((call) => {
    const { envelope, method } = call;
    return tell(method, outcomeOf(call), envelope?.ok === false ? envelope.error_code : undefined);
  });
  const recorded = finalRecords(records, account).map(({ attributes }) =>
    tell(
      attributes['bot.api.method'],
      attributes['audit.outcome'],
      attributes['audit.outcome'] === 'failure' ? attributes['error.type'] : undefined,
    ),
  );
  expectSame(expected, recorded, records);
}

/** Fails unless a record has what every record must have, and times that can be. */
function expectComplete(record: PlainRecord): void {
  const { attributes } = record;
  expect(attributes['audit.record.id']).toMatch(UUID);
  expect(attributes['audit.actor.id']).toMatch(/^(unknown|anonymous|[a-z]+:.+)$/);
  expect(attributes['audit.actor.type']).toMatch(/^(user|service|system)$/);
  expect(attributes['audit.action']).toMatch(/^[A-Z][A-Z_]*$/);
  expect(attributes['audit.outcome']).toMatch(/^(success|failure|unknown)$/);
  expect(record.timestamp).toBeLessThanOrEqual(record.observed);
  expect(Number(record.observed / 1_000_000n)).toBeGreaterThan(Date.now() - 300_000);
  expect(record.traceId ?? '').toMatch(/^([0-9a-f]{32})?$/);
}

/** Fails unless every record about a bot is complete and every trigger and attempt named is a record that stands before. */
export function expectConnected(records: readonly PlainRecord[]): void {
  const seen = new Map<unknown, PlainRecord>();
  for (const record of records) {
    expectComplete(record);
    const { attributes } = record;
    for (const name of ['bot.trigger.record_id', 'bot.action.attempt.record_id']) {
      const id = attributes[name];
      if (id === undefined) continue;
      const before = seen.get(id);
      expect(before, `${name} ${id} of ${record.event}`).toBeDefined();
      expect(record.traceId).toBe(before?.traceId);
      expect(attributes['audit.actor.id']).toBe(before?.attributes['audit.actor.id']);
    }
    seen.set(attributes['audit.record.id'], record);
  }
}

/** A record in one line, to compare a whole sequence: who did what to what, how it ended, and what led to it. */
export function gist(records: readonly PlainRecord[]): string[] {
  const about = aboutBots(records);
  const names = new Map(about.map((record) => [record.attributes['audit.record.id'], record]));
  return about.map(({ event, attributes }) => {
    const trigger = names.get(attributes['bot.trigger.record_id']);
    const stage = attributes['bot.action.stage'];
    return [
      event + (stage === undefined ? '' : ` (${stage})`),
      attributes['audit.action'],
      `${attributes['audit.actor.id']}`,
      '→',
      attributes['audit.target.id'],
      attributes['audit.outcome'],
      ...(trigger ? [`because of ${trigger.event} ${trigger.attributes['bot.update.id']}`] : []),
    ].join(' ');
  });
}
