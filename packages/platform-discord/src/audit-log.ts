import { read, readId } from '@botaudit/instrumentation';

/** What an entry of a guild's audit log tells of: the verb, and what was acted upon. */
export interface LogEntryMeaning {
  readonly verb: string;
  readonly type: string;
  /** Whether Discord itself did it, by a rule of the guild's. */
  readonly bySystem?: true;
}

const USER = 'user';
const MAX_CHANGES = 25;

/** By `AuditLogEvent`; those that are not here change something of their kind, see {@link KINDS}. */
const ENTRIES: Readonly<Record<string, LogEntryMeaning>> = {
  20: { verb: 'KICK', type: USER },
  21: { verb: 'KICK', type: 'guild' },
  22: { verb: 'BAN', type: USER },
  23: { verb: 'UNBAN', type: USER },
  24: { verb: 'UPDATE', type: USER },
  25: { verb: 'UPDATE', type: USER },
  26: { verb: 'UPDATE', type: USER },
  27: { verb: 'KICK', type: USER },
  28: { verb: 'JOIN', type: 'bot' },
  72: { verb: 'DELETE', type: USER },
  73: { verb: 'DELETE', type: 'channel' },
  74: { verb: 'PIN', type: USER },
  75: { verb: 'UNPIN', type: USER },
  83: { verb: 'CREATE', type: 'channel' },
  84: { verb: 'UPDATE', type: 'channel' },
  85: { verb: 'DELETE', type: 'channel' },
  121: { verb: 'UPDATE', type: 'command' },
  143: { verb: 'REJECT', type: USER, bySystem: true },
  144: { verb: 'REJECT', type: USER, bySystem: true },
  145: { verb: 'MUTE', type: USER, bySystem: true },
  146: { verb: 'MUTE', type: USER, bySystem: true },
};

/** Each of these tens begins with what was created, changed and deleted of one kind. */
const KINDS: Readonly<Record<string, string>> = {
  0: 'guild',
  1: 'channel',
  3: 'role',
  4: 'invite',
  5: 'webhook',
  6: 'emoji',
  8: 'integration',
  9: 'sticker',
  10: 'event',
  11: 'thread',
  13: 'sound',
  14: 'rule',
};
const VERBS = ['CREATE', 'UPDATE', 'DELETE'];

/** What an entry of the audit log means. */
export function logEntryMeaning(entry: unknown): LogEntryMeaning {
  const number = readId(entry, 'action_type') ?? '';
  if (Object.hasOwn(ENTRIES, number)) {
    const meaning = ENTRIES[number] as LogEntryMeaning;
    return meaning.verb === 'UPDATE' && meaning.type === USER ? { ...meaning, verb: memberVerb(entry) } : meaning;
  }
  const kind = number === '' ? '' : String(Math.trunc(Number(number) / 10));
  const type = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  return { verb: (type && VERBS[Number(number) % 10]) ?? 'UPDATE', type: type ?? 'guild' };
}

/** A change of a member may be a role given or taken, or a time out begun or ended. */
function memberVerb(entry: unknown): string {
  const changes = read(entry, 'changes');
  if (!Array.isArray(changes)) return 'UPDATE';
  for (let index = 0; index < Math.min(changes.length, MAX_CHANGES); index++) {
    const change = read(changes, String(index));
    const key = read(change, 'key');
    const isSet = ![undefined, null, false].includes(read(change, 'new_value') as undefined);
    if (key === '$add') return 'GRANT';
    if (key === '$remove') return 'REVOKE';
    if (key === 'communication_disabled_until' || key === 'mute' || key === 'deaf') return isSet ? 'MUTE' : 'UNMUTE';
  }
  return 'UPDATE';
}
