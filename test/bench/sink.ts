import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fixture } from './process.ts';

/** An OTLP/HTTP sink in a process of its own, so that its work is not ours. */
export interface Sink {
  readonly url: string;
  /** Records received since the last call of this. */
  received(): Promise<number>;
  stop(): Promise<void>;
}

export async function startSink(): Promise<Sink> {
  const child = fork(fixture('sink.mjs'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
  const answer = async (): Promise<number> => (await once(child, 'message'))[0];
  const port = await answer();
  return {
    url: `http://127.0.0.1:${port}/v1/audit`,
    received() {
      child.send('received');
      return answer();
    },
    async stop() {
      child.kill();
      await once(child, 'exit');
    },
  };
}
