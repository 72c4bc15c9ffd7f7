import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/**
 * An address where connections come to nothing: nobody accepts them, and the queue of those that wait is full, so the
 * system answers no more. As behind a firewall that drops packets.
 */
export async function blackHole(): Promise<string> {
  const child = fork(fileURLToPath(new URL('fixtures/listening.mjs', import.meta.url)));
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [port] = (await once(child, 'message')) as [number];
  child.kill('SIGSTOP');
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => {
      socket.destroy();
    });
    if (!(await connects(socket))) return `http://127.0.0.1:${port}/v1/audit`;
  }
}

/** Whether it is answered before the system asks a second time, which it does after a second. */
function connects(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.on('error', () => resolve(false));
    socket.on('connect', () => resolve(true));
    // An answer that came in the meantime is heard first, also where this process was kept waiting itself.
    setTimeout(() => setImmediate(resolve, false), 500);
  });
}
