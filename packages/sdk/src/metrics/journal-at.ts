import { connect, type Socket } from 'node:net';
import { untraced } from './untraced.js';

/** Tells a process whether the one that holds the port serves the same journal. */
export const JOURNAL_HEADER = 'botaudit-journal';

const ANSWER_MS = 2_000;

/** No answer of ours has a head that is nearly as long. */
const MAX_HEAD = 16_384;

/**
 * Asks whoever has a port which journal is served there. Over a socket of its own: what instruments HTTP would have it in
 * the application's traces and metrics.
 *
 * @returns its name; `'another'` where something else answers, `'silent'` where nothing does, `'nobody'` where nobody is.
 */
export function journalAt(
  host: string,
  port: number,
): Promise<{ readonly journal: string } | 'another' | 'silent' | 'nobody'> {
  return new Promise((resolve) => {
    const socket: Socket = untraced(() => connect({ host, port }));
    socket.unref();
    // For all of it, unlike the socket's own timeout, which starts again with every byte.
    const timer = setTimeout(() => socket.destroy(), ANSWER_MS).unref();
    let head = '';
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(`HEAD / HTTP/1.1\r\nhost: ${host}:${port}\r\nconnection: close\r\n\r\n`));
    socket.on('data', (chunk: string) => {
      head += chunk;
      const end = head.indexOf('\r\n\r\n');
      if (end < 0 && head.length <= MAX_HEAD) return;
      const name = new RegExp(`\r\n${JOURNAL_HEADER}: *([0-9a-f]+)`, 'i').exec(head)?.[1];
      resolve(name === undefined ? 'another' : { journal: name });
      socket.destroy();
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED' ? 'nobody' : 'silent'));
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(timer);
      resolve('silent');
    });
  });
}
