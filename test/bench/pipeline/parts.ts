import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningPart, Superuser } from '../../../scripts/stack/part.ts';
import { Progress } from '../../../scripts/stack/progress.ts';
import { type StartedPart, startParts, stopParts } from '../../../scripts/stack/start.ts';

/** Parts of the stack that run, as `npm run stack` starts them, and a folder that goes with them. */
export interface Parts {
  readonly folder: string;
  part(name: string): RunningPart;
  /** Elasticsearch, as its superuser. */
  readonly elasticsearch: Superuser;
}

/**
 * Runs `use` with parts of the stack.
 *
 * @throws {StackError} when one is not installed.
 */
export async function withParts<T>(names: readonly string[], use: (parts: Parts) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'botaudit-bench-'));
  const running: StartedPart[] = [];
  const part = (name: string) => {
    const found = running.find(([one]) => one.name === name);
    if (!found) throw new Error(`${name} does not run`);
    return found[1];
  };
  try {
    await startParts(names, { folder, progress: new Progress(), running });
    return await use({
      folder,
      part,
      get elasticsearch() {
        const { elasticsearch } = part('elasticsearch');
        if (!elasticsearch) throw new Error('elasticsearch has no superuser');
        return elasticsearch;
      },
    });
  } finally {
    await stopParts(running);
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
