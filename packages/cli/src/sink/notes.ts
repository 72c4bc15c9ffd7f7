import type { SinkReport } from './judge.js';

/** What there is to say of a sink beside the verdict: a line each. */
export function sinkNotes({ sink }: SinkReport): string[] {
  const { documents, twice, rejected, inFlight, missing, journal } = sink;
  const parts = [`${documents} there`];
  if (twice > 0) parts.push(`${twice} of them twice`);
  if (rejected > 0) parts.push(`${rejected} with the rejected ones alone`);
  if (inFlight > 0) parts.push(`${inFlight} not judged yet, behind others that may be on their way`);
  if (missing > 0) parts.push(`${missing} missing`);
  const notes = [`at the sink: ${parts.join(', ')}`];
  if (!journal) return notes;
  const { same, differing, surplus, pruned, onTheirWay, otherStreams } = journal;
  const compared = [`${same} the same`];
  if (differing > 0) compared.push(`${differing} differing`);
  if (journal.missing > 0) compared.push(`${journal.missing} not at the sink`);
  if (onTheirWay > 0) compared.push(`${onTheirWay} not shipped yet, or on their way`);
  if (surplus > 0) compared.push(`${surplus} not in the journal`);
  if (pruned > 0) compared.push(`${pruned} at the sink alone, from before what the journal still has`);
  if (otherStreams > 0)
    compared.push(
      `${otherStreams} ${otherStreams === 1 ? 'stream' : 'streams'} of other journals, or gone from this one`,
    );
  return [...notes, `held against the journal: ${compared.join(', ')}`];
}
