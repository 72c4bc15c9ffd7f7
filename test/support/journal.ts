import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRawFile } from '@botaudit/journal';
import { type AuditRecord, parseRecord } from '@botaudit/record';

/** What one stream's folder holds, read without the journal's own code, but for what is compressed. */
export interface StreamOnDisk {
  readonly id: string;
  /** Records of the lines that are whole: ended by a newline, canonical. */
  readonly records: AuditRecord[];
  /** Lines that are not, with the reason. */
  readonly torn: string[];
  /** The records beside them that carry checkpoints, and are shipped too. */
  readonly checkpoints: AuditRecord[];
}

/** Reads all streams of a journal's folder; `skip` names those that are not wanted. */
export async function readJournal(directory: string, skip?: ReadonlySet<string>): Promise<StreamOnDisk[]> {
  const ids = await readdir(join(directory, 'streams')).catch((error: NodeJS.ErrnoException) => {
    // A process that was killed early has not made it.
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return Promise.all(ids.filter((id) => !skip?.has(id)).map((id) => readStream(join(directory, 'streams', id), id)));
}

async function readStream(folder: string, id: string): Promise<StreamOnDisk> {
  const segments = new Set((await readdir(folder)).flatMap((name) => /^(\d+\.ndjson)(\.zst)?$/.exec(name)?.[1] ?? []));
  const records: AuditRecord[] = [];
  const torn: string[] = [];
  for (const segment of [...segments].sort()) {
    const lines = (await contentOf(join(folder, segment))).split('\n');
    const rest = lines.pop();
    if (rest) torn.push(`${rest.length} characters without a newline`);
    for (const line of lines) {
      try {
        records.push(parseRecord(line));
      } catch (error) {
        torn.push(String(error));
      }
    }
  }
  return { id, records, torn, checkpoints: await readCheckpoints(folder) };
}

/** Of a segment as it is, or, when it was compressed before or meanwhile, of what took its place. */
async function contentOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    const lines = [...readRawFile(`${path}.zst`)];
    return lines.map(({ text, reason, terminated }) => `${text ?? reason}${terminated ? '\n' : ''}`).join('');
  });
}

/** Checkpoints on whole lines. */
async function readCheckpoints(folder: string): Promise<AuditRecord[]> {
  const text = await readFile(join(folder, 'checkpoints.ndjson'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    // A process that was killed early has made none.
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').slice(0, -1).map(parseRecord);
}
