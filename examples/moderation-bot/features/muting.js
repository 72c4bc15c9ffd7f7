import { Composer } from 'grammy';
import { administratorsOnly, nameOf, subjectOf } from './people.js';

const SILENT = { can_send_messages: false };
const FREE = {
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
  can_invite_users: true,
};

export const muting = new Composer();

export async function mute(ctx, user, minutes) {
  const until_date = Math.floor(Date.now() / 1000) + minutes * 60;
  await ctx.restrictChatMember(user.id, SILENT, { until_date });
  await ctx.reply(`${nameOf(user)} is muted for ${minutes} minutes.`);
}

muting.command('mute', administratorsOnly, (ctx) => {
  const user = subjectOf(ctx);
  if (!user) return ctx.reply('Whom? Reply to a message of theirs, or mention them.');
  const minutes = Number(/\b\d+\b/.exec(ctx.match.replace(/@\w+/g, ''))?.[0] ?? 60);
  return mute(ctx, user, minutes);
});

muting.command('unmute', administratorsOnly, async (ctx) => {
  const user = subjectOf(ctx);
  if (!user) return ctx.reply('Whom? Reply to a message of theirs, or mention them.');
  await ctx.restrictChatMember(user.id, FREE);
  await ctx.reply(`${nameOf(user)} may speak again.`);
});
