import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fixture } from '../process.ts';

/** What is posted, where, and how. */
export interface Posting {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Each holds the body of a request. */
  readonly files: readonly string[];
  readonly connections: number;
  /** The first body is posted again and again for so long. Default: each body until it is taken. */
  readonly seconds?: number;
  /** Whether it waits as long as `Retry-After` says. Default: what is refused is sent again at once. */
  readonly isPatient?: boolean;
}

export interface Posted {
  readonly milliseconds: number;
  /** How often which status, or error of the connection, was seen. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Posts in a process of its own. The clock runs from when all bodies are in its memory to the last answer. */
export async function post(posting: Posting): Promise<Posted> {
  const child = fork(fixture('posting.mjs'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
  child.send(posting);
  await once(child, 'message');
  child.send('go');
  const [posted] = (await once(child, 'message')) as [Posted];
  child.disconnect();
  await once(child, 'exit');
  return posted;
}
