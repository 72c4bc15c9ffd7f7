import { randomBytes, randomUUID } from 'node:crypto';
import type { AttributeMap, AuditRecord } from '@botaudit/record';

/** A record of a ban, as bots make them, of about 1 kB; `attributes` are added to it. */
export function auditRecord(attributes: AttributeMap = {}, more: Partial<AuditRecord> = {}): AuditRecord {
  const now = `${Date.now()}123456`;
  return {
    eventName: 'bot.member.ban',
    timestamp: now,
    observedTimestamp: now,
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    attributes: {
      'audit.record.id': randomUUID(),
      'audit.actor.id': 'telegram:42',
      'audit.actor.type': 'user',
      'audit.action': 'BAN',
      'audit.outcome': 'success',
      'audit.target.id': 'telegram:43',
      'audit.target.type': 'user',
      'audit.sequence.stream_id': '5e0b6a3e-8a51-4c1e-9f6e-3d4a0f3f7b11',
      'audit.sequence.number': 17,
      'audit.sequence.previous_hash': '0f'.repeat(32),
      'bot.id': 'telegram:7',
      'bot.platform': 'telegram',
      'bot.framework': 'grammy',
      'bot.chat.id': 'telegram:-100123',
      'bot.api.method': 'banChatMember',
      'bot.action.duration': 0.125,
      ...attributes,
    },
    ...more,
  };
}
