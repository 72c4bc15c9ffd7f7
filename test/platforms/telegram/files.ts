import { createHash, randomBytes } from 'node:crypto';
import type { File } from 'grammy/types';

/** A file that Telegram keeps. */
export interface StoredFile {
  readonly fileId: string;
  readonly uniqueId: string;
  readonly name: string;
  readonly mimeType: string;
  readonly size: number;
  readonly path: string;
  readonly data: Buffer;
}

export interface NewFile {
  readonly name: string;
  readonly mimeType?: string | undefined;
  readonly data: Buffer;
}

/** All files ever sent, by their id and by the path that they are downloaded from. */
export class FileStore {
  #byId = new Map<string, StoredFile>();
  #byPath = new Map<string, StoredFile>();

  /** @param folder first part of the path, e.g. `photos`. */
  add({ name, mimeType = 'application/octet-stream', data }: NewFile, folder: string): StoredFile {
    const fileId = `AgAC${randomBytes(33).toString('base64url')}`;
    const uniqueId = `AQAD${createHash('sha256').update(data).update(fileId).digest('base64url').slice(0, 12)}`;
    const path = `${folder}/file_${this.#byId.size}${/\.\w+$/.exec(name)?.[0] ?? ''}`;
    const file: StoredFile = { fileId, uniqueId, name, mimeType, size: data.length, path, data };
    this.#byId.set(fileId, file);
    this.#byPath.set(path, file);
    return file;
  }

  get(fileId: string): StoredFile | undefined {
    return this.#byId.get(fileId);
  }

  at(path: string): StoredFile | undefined {
    return this.#byPath.get(path);
  }
}

/** A file as `getFile` answers with it. */
export function describeFile({ fileId, uniqueId, size, path }: StoredFile): File {
  return { file_id: fileId, file_unique_id: uniqueId, file_size: size, file_path: path };
}
