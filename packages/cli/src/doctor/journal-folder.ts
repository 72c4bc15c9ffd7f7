import { statfsSync, statSync } from 'node:fs';
import { journalBytes } from '@botaudit/journal';
import { type BackendConfig, findFolder } from '@botaudit/sdk';
import { type Finding, failed, ok, warning } from './check.js';

/** How full a journal may be before somebody should know. */
const ALMOST = 0.9;

/** What was found of the folder, and which it is; none where a bot that starts here would have none, or not the right one. */
export interface FoundFolder {
  readonly finding: Finding;
  readonly path: string | undefined;
}

type Sources = Parameters<typeof findFolder>[0];

/** Looks at the folder that a bot which starts here writes to. Makes it, as the bot would. */
export function journalFolder({ config, env, cwd }: Sources): FoundFolder {
  const { path, kind, problem } = findFolder({ config, env, cwd });
  if (kind === 'memory' || (problem !== undefined && config.journal.directory !== undefined)) {
    const instead = kind === 'memory' ? 'records would be kept in memory' : `records would go to ${path}`;
    return {
      finding: failed(`${problem}; ${instead}`, `let uid ${process.geteuid?.()} write there, or name another folder`),
      path: undefined,
    };
  }
  return { finding: chosen(path, kind, problem, config), path };
}

function chosen(path: string, kind: string, problem: string | undefined, config: BackendConfig['config']): Finding {
  const where = problem === undefined ? path : `${path} (${problem})`;
  if (kind === 'ephemeral') {
    return warning(`${where}: a restart of the machine or the pod clears it`, 'name a folder that stays: BOTAUDIT_DIR');
  }
  const { uid, mode } = statSync(path);
  const rights = (mode & 0o777).toString(8);
  if (uid !== process.geteuid?.()) {
    return warning(
      `${where} belongs to uid ${uid}`,
      `run this as the user that the bot runs as, which is to own what it finds there; this is uid ${process.geteuid?.()}`,
    );
  }
  const tooMany = config.journal.groupRead ? 0o007 : 0o077;
  if ((mode & tooMany) !== 0) {
    const wanted = (0o777 & ~tooMany).toString(8);
    return warning(`${where}: others may look into it (mode ${rights})`, `chmod ${wanted} ${path}`);
  }
  return room(where, path, rights, config);
}

function room(where: string, path: string, rights: string, { journal }: BackendConfig['config']): Finding {
  const { bavail, blocks, bsize } = statfsSync(path);
  const free = bavail * bsize;
  const kept = journal.minFreeBytes < 1 ? journal.minFreeBytes * blocks * bsize : journal.minFreeBytes;
  const used = journalBytes(path);
  const detail = `${where}, mode ${rights}, ${size(used)} of ${size(journal.maxBytes)}, ${size(free)} free`;
  if (free < kept) {
    return warning(`${detail}, less than the ${size(kept)} of min_free_bytes`, 'make room on that file system');
  }
  if (used > ALMOST * journal.maxBytes) {
    return warning(`${detail}: nearly full`, 'records are shipped or archived too slowly, or max_bytes is too small');
  }
  return ok(detail);
}

/** In MiB or GiB, to two digits. */
function size(bytes: number): string {
  const mebibytes = bytes / 1024 ** 2;
  return mebibytes < 1024 ? `${Number(mebibytes.toPrecision(2))} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}
