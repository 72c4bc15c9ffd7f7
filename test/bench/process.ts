import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The preload flag as an absolute URL, as `NODE_OPTIONS` and benchmarks outside the workspace need it. */
export const REGISTER = import.meta.resolve('@botaudit/auto/register');

export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

export interface Ran {
  readonly stdout: string;
  readonly milliseconds: number;
}

/**
 * Runs Node with `args` to its end.
 *
 * @throws when it does not exit with 0; the message holds what it wrote to stderr.
 */
export async function runNode(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  const started = performance.now();
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code ?? signal}:\n${stderr}`);
  return { stdout, milliseconds: performance.now() - started };
}
