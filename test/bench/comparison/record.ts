// The one audit record that every contender writes: twelve attributes, told apart by a number in the target's id.

const TARGET = 'telegram:-100123456789/';

export const NAME = 'bot.message.delete';
export const ACTOR = { id: 'telegram:42', type: 'user' } as const;

/** The attributes of the bot; with those of actor, action, outcome and target there are twelve. */
export const BOT_ATTRIBUTES = {
  'bot.id': 'telegram:7',
  'bot.platform': 'telegram',
  'bot.framework': 'grammy',
  'bot.chat.id': 'telegram:-100123456789',
  'bot.chat.type': 'supergroup',
  'bot.api.method': 'deleteMessage',
};

export const target = (number: number) => ({ id: `${TARGET}${number}`, type: 'message' });

/** The record for BotAudit. */
export const auditEvent = (number: number) => ({
  name: NAME,
  action: 'DELETE',
  outcome: 'success' as const,
  actor: ACTOR,
  target: target(number),
  attributes: BOT_ATTRIBUTES,
});

/** The record for those who take attributes and nothing else. */
export function flatRecord(number: number): Record<string, string> {
  return {
    'audit.actor.id': ACTOR.id,
    'audit.actor.type': ACTOR.type,
    'audit.action': 'DELETE',
    'audit.outcome': 'success',
    'audit.target.id': `${TARGET}${number}`,
    'audit.target.type': 'message',
    ...BOT_ATTRIBUTES,
  };
}

/** The numbers of all records in `bytes`, in whatever format they stand there; one may come more than once. */
export function* numbersIn(bytes: Buffer): Generator<number> {
  for (let at = bytes.indexOf(TARGET); at !== -1; at = bytes.indexOf(TARGET, at)) {
    at += TARGET.length;
    let number = 0;
    for (let digit = bytes[at] ?? 0; digit >= 48 && digit <= 57; digit = bytes[++at] ?? 0)
      number = number * 10 + digit - 48;
    yield number;
  }
}
