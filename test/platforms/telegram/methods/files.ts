import type { Sticker, StickerSet } from 'grammy/types';
import { type Call, type Handlers, userOfCall } from '../call.ts';
import { badRequest } from '../errors.ts';
import { describeFile } from '../files.ts';
import { fileOfCall, mediaContent } from '../media.ts';

/** Telegram gives bots files up to 20 MB. */
const MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024;

function named({ args }: Call): true {
  if (!args.has('name')) throw badRequest('STICKERSET_INVALID');
  return true;
}

function oneSticker({ args }: Call): true {
  if (!args.has('sticker')) throw badRequest('sticker is not specified');
  return true;
}

function uploaded(call: Call): Sticker {
  const input = call.args.json<{ sticker: string }>('sticker');
  return mediaContent('sticker', fileOfCall(call, input?.sticker ?? '', 'sticker'), call.args).sticker;
}

/** Files, sticker sets, and what people show of themselves. */
export const fileMethods: Handlers<
  | 'getFile'
  | 'uploadStickerFile'
  | 'getStickerSet'
  | 'getCustomEmojiStickers'
  | 'createNewStickerSet'
  | 'addStickerToSet'
  | 'setStickerPositionInSet'
  | 'deleteStickerFromSet'
  | 'replaceStickerInSet'
  | 'setStickerEmojiList'
  | 'setStickerKeywords'
  | 'setStickerMaskPosition'
  | 'setStickerSetTitle'
  | 'deleteStickerSet'
  | 'setStickerSetThumbnail'
  | 'setCustomEmojiStickerSetThumbnail'
  | 'getUserProfilePhotos'
  | 'getUserProfileAudios'
  | 'getUserPersonalChatMessages'
  | 'getUserChatBoosts'
  | 'getUserGifts'
  | 'setUserEmojiStatus'
> = {
  getFile({ world, args }) {
    const id = args.text('file_id');
    if (id === '') throw badRequest('file_id not specified');
    const file = world.files.get(id);
    if (!file) throw badRequest('wrong file_id or the file is temporarily unavailable');
    if (file.size > MAX_DOWNLOAD_BYTES) throw badRequest('file is too big');
    return describeFile(file);
  },

  uploadStickerFile(call) {
    userOfCall(call);
    return describeFile(fileOfCall(call, call.args.text('sticker'), 'sticker'));
  },

  getStickerSet(call): StickerSet {
    named(call);
    return { name: call.args.text('name'), title: call.args.text('name'), sticker_type: 'regular', stickers: [] };
  },

  getCustomEmojiStickers: () => [],

  createNewStickerSet(call) {
    userOfCall(call);
    const stickers = call.args.json<{ sticker: string }[]>('stickers') ?? [];
    if (stickers.length === 0) throw badRequest('expected an Array of InputSticker');
    for (const { sticker } of stickers) fileOfCall(call, sticker, 'sticker');
    return named(call);
  },

  addStickerToSet: (call) => Boolean(uploaded(call)) as true,
  replaceStickerInSet: (call) => Boolean(uploaded(call)) as true,
  setStickerPositionInSet: oneSticker,
  deleteStickerFromSet: oneSticker,
  setStickerEmojiList: oneSticker,
  setStickerKeywords: oneSticker,
  setStickerMaskPosition: oneSticker,
  setStickerSetTitle: named,
  deleteStickerSet: named,
  setStickerSetThumbnail: named,
  setCustomEmojiStickerSetThumbnail: named,

  getUserProfilePhotos(call) {
    userOfCall(call);
    return { total_count: 0, photos: [] };
  },

  getUserProfileAudios(call) {
    userOfCall(call);
    return { total_count: 0, audios: [] };
  },

  getUserPersonalChatMessages(call) {
    userOfCall(call);
    return [];
  },

  getUserChatBoosts(call) {
    userOfCall(call);
    return { boosts: [] };
  },

  getUserGifts(call) {
    userOfCall(call);
    return { total_count: 0, gifts: [] };
  },

  setUserEmojiStatus(call) {
    userOfCall(call);
    return true;
  },
};
