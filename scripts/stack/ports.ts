import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** From, and up to: below those that systems choose from, which is 32768 on Linux, and 49152 by RFC 6335. */
const PORTS = [10_000, 32_768] as const;

/**
 * Ports on 127.0.0.1 that are free now, all different, and that the system gives to nobody who asks for any: what starts may
 * take a while to listen, and has the same port again after it was stopped.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(...PORTS);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
