import { expect } from 'vitest';
import type { TelegramStage } from '../stage.js';

/**
 * Ten messages, each of which says `for` and the id of whoever asked for it, were sent by whoever drained a queue: each
 * stays with the person who caused it.
 */
export function expectEachToItsCause({ telegram, group, backend }: TelegramStage): void {
  const answers = backend.named('bot.message.send');
  const commands = new Map(backend.named('bot.command').map((record) => [record.id, record]));
  for (const answer of answers) {
    const command = commands.get(String(answer.attributes['bot.trigger.record_id']));
    expect(answer.actor).toEqual(command?.actor);
    expect(answer.trace).toEqual(command?.trace);
    const sent = telegram.calls.find(
      ({ envelope }) =>
        envelope?.ok &&
        `telegram:${group.id}/${(envelope.result as { message_id: number }).message_id}` === answer.target?.id,
    );
    expect(sent?.args.text).toBe(`for ${command?.actor.id.split(':')[1]}`);
  }
  expect(new Set(answers.map(({ attributes }) => attributes['bot.trigger.record_id'])).size).toBe(10);
}
