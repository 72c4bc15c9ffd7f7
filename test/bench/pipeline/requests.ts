import { randomBytes, randomUUID } from 'node:crypto';
import type { AuditRecord } from '@botaudit/record';

const STREAM = randomUUID();
export const RESOURCE = { 'service.name': 'moderation-bot', 'service.version': '1.4.2', 'host.name': 'bots-1' };

let number = 0;

/** Records of messages that a bot deleted, each with an id, ids of a trace and a hash of its own. */
export function deletions(count: number): AuditRecord[] {
  return Array.from({ length: count }, () => {
    const now = `${Date.now()}${String(++number % 1_000_000).padStart(6, '0')}`;
    return {
      eventName: 'bot.message.delete',
      timestamp: now,
      observedTimestamp: now,
      traceId: randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      attributes: {
        'audit.record.id': randomUUID(),
        'audit.actor.id': `telegram:${number % 1_000}`,
        'audit.actor.type': 'user',
        'audit.action': 'DELETE',
        'audit.outcome': 'success',
        'audit.target.id': `telegram:-100123456789/${number}`,
        'audit.target.type': 'message',
        'audit.sequence.stream_id': STREAM,
        'audit.sequence.number': number,
        'audit.sequence.previous_hash': randomBytes(32).toString('hex'),
        'bot.id': 'telegram:7',
        'bot.platform': 'telegram',
        'bot.framework': 'grammy',
        'bot.chat.id': 'telegram:-100123456789',
        'bot.chat.type': 'supergroup',
        'bot.api.method': 'deleteMessage',
        'bot.action.duration': (number % 1_000) / 10_000,
      },
    };
  });
}
