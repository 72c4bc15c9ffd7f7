import { read, readId } from '@botaudit/instrumentation';

const ROLES = ['administrator', 'creator'];

function isPresent(member: unknown): boolean {
  const status = read(member, 'status');
  return status === 'restricted' ? read(member, 'is_member') === true : status !== 'left' && status !== 'kicked';
}

/** What a change of a chat member amounts to, as a verb. */
export function membershipVerb(change: unknown): string {
  const before = read(change, 'old_chat_member');
  const after = read(change, 'new_chat_member');
  const [from, to] = [read(before, 'status'), read(after, 'status')];
  const isPrivate = read(change, 'chat', 'type') === 'private';
  if (to === 'kicked' && from !== 'kicked') return isPrivate ? 'BLOCK' : 'BAN';
  if (from === 'kicked' && to !== 'kicked' && isPrivate) return 'UNBLOCK';
  if (!isPresent(before) && isPresent(after)) return 'JOIN';
  if (from === 'kicked' && to === 'left') return 'UNBAN';
  if (isPresent(before) && !isPresent(after)) {
    return readId(change, 'from', 'id') === readId(after, 'user', 'id') ? 'LEAVE' : 'KICK';
  }
  return roleVerb(from, to);
}

function roleVerb(from: unknown, to: unknown): string {
  const [had, has] = [from, to].map((status) => ROLES.indexOf(String(status)));
  if (had !== undefined && has !== undefined && had !== has) return has > had ? 'GRANT' : 'REVOKE';
  if (from !== 'restricted' && to === 'restricted') return 'MUTE';
  if (from === 'restricted' && to === 'member') return 'UNMUTE';
  return 'UPDATE';
}
