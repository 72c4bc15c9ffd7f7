import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('dist/main.js', import.meta.resolve('@botaudit/cli/package.json')));

/** What `botaudit verify --json` says. */
export interface VerifyReport {
  readonly intact: boolean;
  readonly records: number;
  readonly findings: readonly {
    readonly kind: string;
    readonly severity: 'error' | 'notice';
    readonly message: string;
  }[];
}

/** Has `botaudit verify` check a journal's folder, as a person would. */
export async function verifyJournal(directory: string): Promise<VerifyReport & { readonly exitCode: number }> {
  const child = spawn(process.execPath, [CLI, 'verify', '--json', directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { ...(JSON.parse(said) as VerifyReport), exitCode };
}
