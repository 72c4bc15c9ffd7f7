import { resolve } from 'node:path';
import { Failure } from '../failure.js';
import { FolderStore } from './folder-store.js';
import { s3Settings } from './s3-settings.js';
import type { ArchiveStore, ObjectLock } from './store.js';

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * The archive of this name.
 *
 * @param target a folder, or `s3://bucket/prefix`.
 * @throws {Failure} when it is no such name, or S3 can't be used as it is set up here.
 */
export async function openStore(target: string, lock?: ObjectLock): Promise<ArchiveStore> {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) {
    if (lock) throw Failure.usage('--lock-mode and --lock-days go with an archive in S3: a folder has no Object Lock');
    return new FolderStore(resolve(target));
  }
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]*)\/?(.*)$/.exec(target) ?? [];
  if (!BUCKET.test(bucket)) {
    // It is not shown: it may hold credentials, which belong into the environment.
    throw Failure.usage(
      'an archive is a folder or s3://bucket/prefix, without credentials; see botaudit archive --help',
    );
  }
  const { S3Store } = await import('./s3-store.js');
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  return await S3Store.open(await s3Settings(), { bucket, prefix: folder, lock });
}
