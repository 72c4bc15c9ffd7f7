import {
  type ActorType,
  ATTR_AUDIT_ACTOR_ID,
  ATTR_AUDIT_ACTOR_TYPE,
  ATTR_BOT_CHAT_TYPE,
  ATTR_BOT_FRAMEWORK,
  ATTR_BOT_PLATFORM,
  type AuditRecord,
} from '@botaudit/record';
import type { RuleQuery } from '@botaudit/sdk';
import { textOf } from '../text/record-line.js';

/** What a policy is asked about a record. */
export function queryOf(record: AuditRecord): RuleQuery {
  const attribute = (name: string) => textOf(record, name) || undefined;
  const [id, type] = [attribute(ATTR_AUDIT_ACTOR_ID), attribute(ATTR_AUDIT_ACTOR_TYPE)];
  return {
    name: record.eventName,
    platform: attribute(ATTR_BOT_PLATFORM),
    framework: attribute(ATTR_BOT_FRAMEWORK),
    chatType: attribute(ATTR_BOT_CHAT_TYPE),
    actor: id === undefined ? undefined : { id, type: type as ActorType },
  };
}
