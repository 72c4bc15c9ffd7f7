import { environmentFor } from '../environment-for.js';
import { EXIT, Failure } from '../failure.js';
import { type JournalOptions, locateJournal } from '../journal/locate.js';
import { Output } from '../output.js';
import { say } from '../stderr.js';
import type { StampingRun } from '../timestamps/stamp-journal.js';
import { readAuthorities } from '../timestamps/trust.js';
import { stopSignal } from './stop-signal.js';

/** Options of `botaudit timestamp`. */
export interface TimestampOptions extends JournalOptions {
  readonly url?: string | undefined;
  /** Files with certificates. */
  readonly tsaCa?: readonly string[] | undefined;
  readonly policy?: string | undefined;
  readonly out?: string | undefined;
  readonly json?: boolean | undefined;
}

const POLICY = /^[0-2](?:\.\d+)+$/;

/** Has the last checkpoint of each stream timestamped. */
export async function timestamp(options: TimestampOptions): Promise<void> {
  const { loadConfig } = await import('@botaudit/sdk');
  const { timestamps } = loadConfig({ env: environmentFor({ config: options.config }) }).signing;
  const url = options.url ?? timestamps.url;
  const authorities = options.tsaCa ?? (timestamps.authorities === undefined ? [] : [timestamps.authorities]);
  const policy = options.policy ?? timestamps.policy;
  if (url === undefined) throw new Failure('there is no authority to ask; give --url, or set signing.timestamp_url');
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new Failure(`${url} is no address; allowed is http(s)://…`);
  if (authorities.length === 0) {
    throw new Failure('nothing says which timestamps to believe; give --tsa-ca, or set signing.timestamp_ca');
  }
  if (policy !== undefined && !POLICY.test(policy)) {
    throw new Failure(`${policy} is no object identifier; allowed is one such as 1.2.3.4.1`);
  }
  const trusted = readAuthorities(authorities);
  const directory = await locateJournal(options);
  const { stampJournal } = await import('../timestamps/stamp-journal.js');
  const { signal } = stopSignal();
  const authority = { url, trusted, policy, timeoutMs: timestamps.timeoutMs, signal };
  await print(await stampJournal(directory, { authority, out: options.out }), options.json);
}

async function print(run: StampingRun, json: boolean | undefined): Promise<void> {
  const { timestamped, known, problems, stopped } = run;
  for (const { stream, problem } of problems) say(`${stream}: ${problem}`);
  const output = new Output();
  if (json) output.line(JSON.stringify({ complete: problems.length === 0 && !stopped, ...run }));
  else {
    for (const { stream, number, time } of timestamped) output.line(`${stream} up to record ${number}: ${time}`);
    const count = `${timestamped.length} ${timestamped.length === 1 ? 'checkpoint' : 'checkpoints'} timestamped`;
    output.line(`${count}, ${known} before${stopped ? '; stopped before the end' : ''}`);
  }
  await output.flush();
  process.exitCode = problems.length > 0 || stopped ? EXIT.failed : EXIT.ok;
}
