import type { ChatMember, ChatMemberAdministrator, ChatPermissions, User } from 'grammy/types';
import { type AdminRight, ALL_RIGHTS, NO_RIGHTS, OPEN_PERMISSIONS, type Permission } from './rights.ts';

/** Who is in a chat, was, or must not be. */
export class Members {
  #members = new Map<number, ChatMember>();

  /** The state of a user here; `left` for one who never came. A ban or restriction that has run out is gone. */
  of(user: User): ChatMember {
    const member = this.#members.get(user.id) ?? { status: 'left', user };
    if ((member.status === 'kicked' || member.status === 'restricted') && lapsed(member.until_date)) {
      const free: ChatMember =
        member.status === 'restricted' && member.is_member ? { status: 'member', user } : { status: 'left', user };
      this.#members.set(user.id, free);
      return free;
    }
    return member;
  }

  set(member: ChatMember): void {
    this.#members.set(member.user.id, member);
  }

  /** Everybody who is in the chat. */
  get present(): ChatMember[] {
    return [...this.#members.values()].map(({ user }) => this.of(user)).filter(isPresent);
  }

  get administrators(): ChatMember[] {
    return this.present.filter(isAdministrator);
  }

  has(user: User): boolean {
    return isPresent(this.of(user));
  }

  /** Whether a user has a right that administrators have; the owner has all. */
  can(user: User, right: AdminRight): boolean {
    const member = this.of(user);
    if (member.status === 'creator') return true;
    return member.status === 'administrator' && member[right] === true;
  }

  /** Whether a user may do what members may do, given what the chat allows them all. */
  may(user: User, permission: Permission, everybody: ChatPermissions): boolean {
    const member = this.of(user);
    if (isAdministrator(member)) return true;
    if (!isPresent(member)) return false;
    if (member.status === 'restricted' && !member[permission]) return false;
    return everybody[permission] ?? OPEN_PERMISSIONS[permission];
  }
}

export function isPresent(member: ChatMember): boolean {
  return member.status === 'restricted' ? member.is_member : member.status !== 'left' && member.status !== 'kicked';
}

export function isAdministrator(member: ChatMember): boolean {
  return member.status === 'creator' || member.status === 'administrator';
}

/** An administrator with the rights named; with all of them when none is named. */
export function administrator(user: User, rights?: Partial<Record<AdminRight, boolean>>): ChatMemberAdministrator {
  const granted = rights ? { ...NO_RIGHTS, can_manage_chat: true, ...rights } : ALL_RIGHTS;
  return { status: 'administrator', user, can_be_edited: false, ...granted };
}

/** Telegram takes dates less than half a minute or more than 366 days away as for ever, which is 0. */
export function untilDate(requested: number | undefined, now: number): number {
  if (requested === undefined || requested < now + 30 || requested > now + 366 * 86_400) return 0;
  return requested;
}

function lapsed(until: number): boolean {
  return until !== 0 && until <= Date.now() / 1000;
}
