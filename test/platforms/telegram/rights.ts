import type { ChatAdministratorRights, ChatPermissions } from 'grammy/types';

/** What an administrator may be allowed to do. */
export type AdminRight = Exclude<keyof ChatAdministratorRights, 'is_anonymous'>;

/** What a member may be allowed to do. */
export type Permission = keyof ChatPermissions;

/** The rights that `promoteChatMember` knows, all switched off. */
export const NO_RIGHTS: Readonly<Required<ChatAdministratorRights>> = {
  is_anonymous: false,
  can_manage_chat: false,
  can_delete_messages: false,
  can_manage_video_chats: false,
  can_restrict_members: false,
  can_promote_members: false,
  can_change_info: false,
  can_invite_users: false,
  can_manage_tags: false,
  can_post_stories: false,
  can_edit_stories: false,
  can_delete_stories: false,
  can_post_messages: false,
  can_edit_messages: false,
  can_pin_messages: false,
  can_manage_topics: false,
  can_manage_direct_messages: false,
  can_send_welcome_messages: false,
};

export const ADMIN_RIGHTS = Object.keys(NO_RIGHTS).filter((name) => name !== 'is_anonymous') as AdminRight[];

/** Every right there is, as an administrator has them who may do anything. */
export const ALL_RIGHTS: Readonly<Required<ChatAdministratorRights>> = {
  ...(Object.fromEntries(ADMIN_RIGHTS.map((name) => [name, true])) as Required<ChatAdministratorRights>),
  is_anonymous: false,
};

/** What members of a new group may do. */
export const OPEN_PERMISSIONS: Readonly<Required<ChatPermissions>> = {
  can_send_messages: true,
  can_send_audios: true,
  can_send_documents: true,
  can_send_photos: true,
  can_send_videos: true,
  can_send_video_notes: true,
  can_send_voice_notes: true,
  can_send_polls: true,
  can_send_other_messages: true,
  can_add_web_page_previews: true,
  can_react_to_messages: true,
  can_change_info: false,
  can_invite_users: true,
  can_edit_tag: false,
  can_pin_messages: false,
  can_manage_topics: false,
};

/** `permissions` with what they leave out taken as forbidden, as in a restriction. */
export function completePermissions(permissions: ChatPermissions): Required<ChatPermissions> {
  const names = Object.keys(OPEN_PERMISSIONS) as Permission[];
  return Object.fromEntries(names.map((name) => [name, permissions[name] ?? false])) as Required<ChatPermissions>;
}

/** Whether a restriction takes nothing away: such a member is an ordinary one again. */
export function isUnrestricted(permissions: Required<ChatPermissions>): boolean {
  const names = Object.keys(OPEN_PERMISSIONS) as Permission[];
  return names.every((name) => permissions[name] || !OPEN_PERMISSIONS[name]);
}
