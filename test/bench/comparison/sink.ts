import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type SinkOrder = 'up' | 'down' | { readonly records: string };
/** The port, or the numbers of the records that were asked for. */
export type SinkAnswer = number | readonly number[];

/** An OTLP/HTTP sink in a process of its own that keeps apart who sent what, and that can be down. */
export interface CollectingSink {
  /** Where whoever is called `key` sends to. */
  url(key: string): string;
  /** Numbers of the records that came from `key`. */
  records(key: string): Promise<Set<number>>;
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

export async function startCollectingSink(): Promise<CollectingSink> {
  const file = fileURLToPath(new URL('collecting-sink.ts', import.meta.url));
  const child = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
  const answer = async (): Promise<SinkAnswer> => (await once(child, 'message'))[0];
  const ask = (order: SinkOrder) => {
    child.send(order);
    return answer();
  };
  const port = await answer();
  return {
    url: (key) => `http://127.0.0.1:${port}/${key}`,
    records: async (key) => new Set((await ask({ records: key })) as readonly number[]),
    down: async () => void (await ask('down')),
    up: async () => void (await ask('up')),
    async stop() {
      child.kill();
      await once(child, 'exit');
    },
  };
}
