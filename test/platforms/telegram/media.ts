import type { Animation, Audio, Document, LivePhoto, PhotoSize, Sticker, Video, VideoNote, Voice } from 'grammy/types';
import type { Args } from './args.ts';
import type { Call } from './call.ts';
import { badRequest } from './errors.ts';
import type { StoredFile } from './files.ts';

/** The member of a message that holds a file, by kind. */
interface MediaContent {
  photo: { photo: PhotoSize[] };
  live_photo: { live_photo: LivePhoto };
  audio: { audio: Audio };
  document: { document: Document };
  video: { video: Video };
  animation: { animation: Animation; document: Document };
  voice: { voice: Voice };
  video_note: { video_note: VideoNote };
  sticker: { sticker: Sticker };
}

export type MediaKind = keyof MediaContent;

const DEFAULT_TYPES: Readonly<Record<MediaKind, string>> = {
  photo: 'image/jpeg',
  live_photo: 'video/mp4',
  audio: 'audio/mpeg',
  document: 'application/octet-stream',
  video: 'video/mp4',
  animation: 'video/mp4',
  voice: 'audio/ogg',
  video_note: 'video/mp4',
  sticker: 'image/webp',
};

/**
 * The file that a parameter names: by the id of one that Telegram has, by URL, or uploaded with the call.
 *
 * @throws {BotApiError} 400 when there is none.
 */
export function fileOfCall({ world, files }: Call, reference: string, kind: MediaKind): StoredFile {
  if (reference === '') throw badRequest(`there is no ${kind.replaceAll('_', ' ')} in the request`);
  if (reference.startsWith('attach://')) {
    const file = files.get(reference.slice('attach://'.length));
    if (!file) throw badRequest('file must be non-empty');
    if (file.data.length === 0) throw badRequest('file must be non-empty');
    return world.files.add(file, `${kind}s`);
  }
  if (/^https?:\/\//.test(reference)) {
    // Telegram would fetch it; nothing here needs its content, and nothing here goes out to the network.
    const name = new URL(reference).pathname.split('/').at(-1) ?? kind;
    return world.files.add({ name, mimeType: DEFAULT_TYPES[kind], data: Buffer.from(reference) }, `${kind}s`);
  }
  const known = world.files.get(reference);
  if (!known) throw badRequest('wrong file identifier/HTTP URL specified');
  return known;
}

/** A file as a message of this kind shows it. Sizes and lengths are those given with the call. */
export function mediaContent<K extends MediaKind>(kind: K, file: StoredFile, args: Args): MediaContent[K] {
  const id = { file_id: file.fileId, file_unique_id: file.uniqueId, file_size: file.size };
  const size = { width: args.integer('width') ?? 320, height: args.integer('height') ?? 320 };
  const length = { duration: args.integer('duration') ?? 1 };
  const named = { file_name: file.name, mime_type: file.mimeType };
  const contents: { [Kind in MediaKind]: () => MediaContent[Kind] } = {
    photo: () => ({ photo: [{ ...id, ...size }] }),
    live_photo: () => ({ live_photo: { ...id, ...size, ...length } }),
    audio: () => ({ audio: { ...id, ...length, ...named } }),
    document: () => ({ document: { ...id, ...named } }),
    video: () => ({ video: { ...id, ...size, ...length, ...named } }),
    animation: () => ({ animation: { ...id, ...size, ...length, ...named }, document: { ...id, ...named } }),
    voice: () => ({ voice: { ...id, ...length, mime_type: file.mimeType } }),
    video_note: () => ({ video_note: { ...id, ...length, length: args.integer('length') ?? 240 } }),
    sticker: () => ({ sticker: { ...id, ...size, type: 'regular', is_animated: false, is_video: false } }),
  };
  return contents[kind]();
}
