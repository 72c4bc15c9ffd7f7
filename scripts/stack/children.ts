import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Processes that were started and have not ended: they end with this one, whatever ends it (short of SIGKILL). */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Has a process end with this one. */
export function endsWithUs(child: ChildProcess): void {
  if (child.pid === undefined) return; // It could not be started.
  running.add(child);
  child.once('exit', () => running.delete(child));
}

/** Ends all of them at once, as a crash would. */
export async function killChildren(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }),
  );
}
