import type { Message, PaidMedia } from 'grammy/types';
import { Args } from '../args.ts';
import { type Call, chatOfCall, type Handlers, keyboardOf, postOptions, requireVoice } from '../call.ts';
import type { TelegramChat } from '../chat.ts';
import { badRequest } from '../errors.ts';
import { formattedText } from '../markup.ts';
import { fileOfCall, type MediaKind, mediaContent } from '../media.ts';
import type { Permission } from '../rights.ts';
import { protection } from './send-text.ts';

/** A member of `media` parameters, as far as it is read here. */
interface InputItem {
  readonly type: string;
  readonly media: string;
  readonly caption?: string;
  readonly parse_mode?: string;
}

const PERMISSIONS: Readonly<Record<MediaKind, Permission>> = {
  photo: 'can_send_photos',
  live_photo: 'can_send_photos',
  audio: 'can_send_audios',
  document: 'can_send_documents',
  video: 'can_send_videos',
  animation: 'can_send_other_messages',
  voice: 'can_send_voice_notes',
  video_note: 'can_send_video_notes',
  sticker: 'can_send_other_messages',
};

/** A caption with its entities; nothing where there is none. */
export function captionOf(args: Args): Pick<Message, 'caption' | 'caption_entities'> {
  if (!args.has('caption')) return {};
  const { text, entities } = formattedText(args, 'caption');
  if (text.length > 1024) throw badRequest('message caption is too long');
  return { caption: text, ...(entities.length > 0 && { caption_entities: entities }) };
}

/** The content that an `InputMedia` describes. */
export function contentOfItem(call: Call, item: InputItem): Partial<Message> {
  const kind = item.type as MediaKind;
  if (!(kind in PERMISSIONS)) throw badRequest(`type "${item.type}" of the media is unsupported`);
  const args = new Args(item as unknown as Record<string, unknown>);
  return { ...mediaContent(kind, fileOfCall(call, item.media, kind), args), ...captionOf(args) };
}

function mayPost(chat: TelegramChat, call: Call, kind: MediaKind): void {
  requireVoice(chat, call, PERMISSIONS[kind], `${kind.replaceAll('_', ' ')}s`);
}

function sendFile<K extends MediaKind>(call: Call, kind: K): Message & ReturnType<typeof mediaContent<K>> {
  const { args, bot } = call;
  const chat = chatOfCall(call);
  mayPost(chat, call, kind);
  const options = postOptions(call, chat);
  const content = mediaContent(kind, fileOfCall(call, args.text(kind), kind), args);
  const rest = { ...captionOf(args), ...keyboardOf(call), ...protection(call) };
  return chat.post(bot.user, { ...content, ...rest }, options);
}

function paidMedia(call: Call, item: InputItem): PaidMedia {
  const args = new Args(item as unknown as Record<string, unknown>);
  switch (item.type) {
    case 'photo':
      return { type: 'photo', ...mediaContent('photo', fileOfCall(call, item.media, 'photo'), args) };
    case 'video':
      return { type: 'video', ...mediaContent('video', fileOfCall(call, item.media, 'video'), args) };
    case 'live_photo':
      return { type: 'live_photo', ...mediaContent('live_photo', fileOfCall(call, item.media, 'live_photo'), args) };
    default:
      throw badRequest('invalid paid media type specified');
  }
}

/** What is sent with a file. */
export const mediaMethods: Handlers<
  | 'sendPhoto'
  | 'sendLivePhoto'
  | 'sendAudio'
  | 'sendDocument'
  | 'sendVideo'
  | 'sendAnimation'
  | 'sendVoice'
  | 'sendVideoNote'
  | 'sendSticker'
  | 'sendPaidMedia'
  | 'sendMediaGroup'
> = {
  sendPhoto: (call) => sendFile(call, 'photo'),
  sendLivePhoto: (call) => sendFile(call, 'live_photo'),
  sendAudio: (call) => sendFile(call, 'audio'),
  sendDocument: (call) => sendFile(call, 'document'),
  sendVideo: (call) => sendFile(call, 'video'),
  sendAnimation: (call) => sendFile(call, 'animation'),
  sendVoice: (call) => sendFile(call, 'voice'),
  sendVideoNote: (call) => sendFile(call, 'video_note'),
  sendSticker: (call) => sendFile(call, 'sticker'),

  sendPaidMedia(call) {
    const { args, bot } = call;
    const chat = chatOfCall(call);
    mayPost(chat, call, 'photo');
    const media = args.json<InputItem[]>('media') ?? [];
    if (media.length === 0) throw badRequest('expected an Array of InputPaidMedia');
    const paid_media = {
      star_count: args.integer('star_count') ?? 1,
      paid_media: media.map((item) => paidMedia(call, item)),
    };
    return chat.post(bot.user, { paid_media, ...captionOf(args), ...keyboardOf(call) }, postOptions(call, chat));
  },

  sendMediaGroup(call) {
    const { args, bot, world } = call;
    const chat = chatOfCall(call);
    const media = args.json<InputItem[]>('media') ?? [];
    if (media.length < 2) throw badRequest('group send failed');
    if (media.length > 10) throw badRequest('too many media in the album');
    const options = postOptions(call, chat);
    const contents = media.map((item) => contentOfItem(call, item));
    mayPost(chat, call, media[0]?.type as MediaKind);
    const media_group_id = world.uniqueId();
    return contents.map((content) =>
      chat.post(bot.user, { ...content, media_group_id } as { photo: NonNullable<Message['photo']> }, options),
    );
  },
};
