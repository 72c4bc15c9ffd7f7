import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { botaudit } from './botaudit.js';

/** An archive of a journal in a folder beside it, and what is done with it. */
export function archiveOf({ folder, directory }: { readonly folder: string; readonly directory: string }) {
  const target = join(folder, 'archive');
  return {
    target,
    archive: (...args: readonly string[]) => botaudit(['archive', '--dir', directory, '--to', target, ...args]),
    check: (...args: readonly string[]) => botaudit(['archive', '--to', target, '--restore-check', ...args]),
    /** What the archive holds of a stream. */
    names: (streamId: string) => readdirSync(join(target, 'streams', streamId)).sort(),
  };
}

/** SHA-256 of every file below a folder, by its path. */
export function filesIn(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  if (!existsSync(folder)) return files;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name);
    if (statSync(path).isFile()) files[name] = hash('sha256', readFileSync(path));
  }
  return files;
}
