import type { DuplicateClaim } from '@botaudit/sdk';
import { onRecord } from '../access/access.js';
import { EXIT, Failure } from '../failure.js';
import { type JournalOptions, locateJournal } from '../journal/locate.js';
import { Output } from '../output.js';
import { Columns } from '../text/columns.js';
import { harmlessJson } from '../text/harmless.js';

/** Options of `botaudit duplicates`. */
export interface DuplicatesOptions extends JournalOptions {
  readonly json?: boolean | undefined;
}

const NAME = /^[0-9a-f]{8,64}$/;
const SHOWN = 12;

/** Prints the claims that hold. */
export async function listDuplicates(options: DuplicatesOptions): Promise<void> {
  const claims = (await claimsIn(await locateJournal(options))).list();
  const output = new Output();
  const columns = new Columns(output.paint, []);
  for (const claim of claims) {
    if (options.json) {
      const line = JSON.stringify(said(claim));
      await output.line(output.isTerminal ? harmlessJson(line) : line);
      continue;
    }
    const isDone = claim.outcome === 'success';
    const cells = [
      { text: claim.id.slice(0, SHOWN) },
      { text: claim.at === undefined ? '' : timeOf(claim.at), style: 'dim' },
      { text: isDone ? 'done' : 'not known', style: isDone ? undefined : 'yellow' },
      { text: `${claim.event ?? ''}`, style: 'cyan' },
      { text: claim.recordId === undefined ? '' : `record ${claim.recordId}` },
    ] as const;
    await output.line(columns.line(cells, output.width));
  }
  await output.flush();
}

/** Lets go of a claim. */
export async function releaseDuplicate(name: string, options: DuplicatesOptions): Promise<void> {
  if (!NAME.test(name)) throw Failure.usage(`"${name}" is no claim: its name has 8 to 64 digits of 0-9 and a-f`);
  const directory = await locateJournal(options);
  const claims = await claimsIn(directory);
  const [found, ...more] = claims.list().filter(({ id }) => id.startsWith(name));
  if (more.length > 0)
    throw Failure.usage(`${name} are the first digits of ${more.length + 1} claims; give more of them`);
  if (!found) throw noClaim(name);
  const { id: claim, event, kind, outcome, recordId } = found;
  const request = {
    event: 'audit.claim.released',
    command: 'duplicates release',
    journal: directory,
    claim,
    asked: { event, kind, outcome: outcome ?? 'unknown', record_id: recordId },
    config: options.config,
  } as const;
  await onRecord(request, async () => {
    if (!claims.release(claim)) throw noClaim(name);
  });
  const output = new Output();
  const line = JSON.stringify({ ...said(found), released: true });
  if (options.json) await output.line(output.isTerminal ? harmlessJson(line) : line);
  else await output.line(`released ${found.id}: it may happen again`);
  await output.flush();
}

function noClaim(name: string): Failure {
  return new Failure(`there is no claim ${name}, or no more: botaudit duplicates list tells which there are`, EXIT.no);
}

async function claimsIn(directory: string) {
  const { DuplicateClaims } = await import('@botaudit/sdk');
  return new DuplicateClaims(directory);
}

function said({ id, at, event, kind, stream, pid, recordId, outcome }: DuplicateClaim) {
  const time = at === undefined ? undefined : timeOf(at);
  return { claim: id, time, event, kind, outcome: outcome ?? 'unknown', record_id: recordId, stream_id: stream, pid };
}

/** What a claim says of itself may be anything: somebody may have written into it. */
function timeOf(at: number): string {
  const date = new Date(Number(at));
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}
