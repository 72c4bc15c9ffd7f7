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
    readonly stream: string;
    readonly kind: string;
    readonly severity: 'error' | 'notice';
    readonly message: string;
  }[];
}

/** Has `botaudit verify` check a journal's folder, as a person would, by default without its public key. */
export async function verifyJournal(
  directory: string,
  publicKey?: string,
): Promise<VerifyReport & { readonly exitCode: number }> {
  const args = ['verify', '--json', ...(publicKey === undefined ? [] : ['--public-key', publicKey]), directory];
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { ...(JSON.parse(said) as VerifyReport), exitCode };
}
