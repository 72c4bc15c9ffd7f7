import { ATTR_BOT_FRAMEWORK, ATTR_BOT_PLATFORM, type AuditRecord } from '@botaudit/record';
import type { RuleQuery } from '@botaudit/sdk';
import { textOf } from '../text/record-line.js';

/** What a policy is asked about a record. */
export function queryOf(record: AuditRecord): RuleQuery {
  const attribute = (name: string) => textOf(record, name) || undefined;
  return {
    name: record.eventName,
    platform: attribute(ATTR_BOT_PLATFORM),
    framework: attribute(ATTR_BOT_FRAMEWORK),
  };
}
