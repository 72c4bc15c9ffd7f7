import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

/** How a process ended, as a shell puts it: its exit code, or 128 and the signal's number. */
export async function exitCode(child: ChildProcess): Promise<number> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal ? constants.signals[signal] : 0);
}

/** Starts a bot under the preload flag, at this terminal. */
export function startBot(file: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): ChildProcess {
  const register = import.meta.resolve('@botaudit/auto/register');
  return spawn(process.execPath, ['--import', register, file, ...args], { cwd, env, stdio: 'inherit' });
}

/**
 * Has a child be ended by the signals that would end this process, and this process wait for it. A terminal sends
 * Ctrl-C to the child by itself: it is not sent twice.
 */
export function passSignals(child: ChildProcess, onSignal: () => void = () => undefined): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      onSignal();
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
}
