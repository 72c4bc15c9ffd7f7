import { type LineRead, parseRecord, type StreamTip } from '@botaudit/record';
import type { Held } from './held.js';
import type { SinkRules } from './judge.js';

/** A stream says something every few minutes as long as it is open, and a little later it is here. */
const SLACK_MS = 24 * 60 * 60 * 1000;

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * What a record tells of other streams, as it counts at a sink. What a journal has removed by its retention has to be at
 * the sink all the same, unless the journal had never shipped it. What is older than the sink's own retention may be gone.
 */
export function testimonyAtSink(read: LineRead, held: Held, rules: Rules): LineRead {
  const { testimony } = read;
  if (!testimony) return read;
  const removed = testimony.removed.length > 0 && held.line !== undefined ? neverShipped(held.line) : [];
  const by = isBeyond(held, rules) && grounds(rules);
  return {
    ...read,
    testimony: { tips: testimony.tips, removed, grounds: by ? testimony.tips.map((tip) => ({ tip, by })) : undefined },
  };
}

/** The same for the first record of a stream, where those before it may be gone by the sink's own retention. */
export function beginningAtSink(read: LineRead, held: Held, rules: Rules): LineRead {
  const { link, testimony = { tips: [], removed: [] } } = read;
  if (!link || link.number === 1 || !isBeyond(held, rules)) return read;
  const tip: StreamTip = { streamId: link.streamId, number: link.number - 1, hash: link.previous };
  const own = [{ tip, by: grounds(rules) }];
  return { ...read, testimony: { ...testimony, grounds: [...(testimony.grounds ?? []), ...own] } };
}

type Rules = Pick<SinkRules, 'nowMs' | 'retentionMs'>;

/** Whether what is older than a record is older than what the sink keeps. */
function isBeyond({ observedMs }: Held, { nowMs, retentionMs }: Rules): boolean {
  return retentionMs !== undefined && observedMs !== undefined && observedMs <= nowMs - retentionMs + SLACK_MS;
}

function grounds({ retentionMs = 0 }: Rules): string {
  return `that of the sink, which keeps records for ${Math.round(retentionMs / DAY_MS)} days`;
}

/** Of what a journal has removed, beginnings that the endpoint had never acknowledged. */
function neverShipped(line: string): StreamTip[] {
  const segments = parseRecord(line).body?.segments;
  const tips: StreamTip[] = [];
  for (const segment of Array.isArray(segments) ? segments : []) {
    if (typeof segment !== 'object' || Array.isArray(segment)) continue;
    const { stream_id: streamId, first_number: first, last_number: number, acknowledged } = segment;
    if (acknowledged !== false || first !== 1) continue;
    if (typeof streamId === 'string' && typeof number === 'number') tips.push({ streamId, number });
  }
  return tips;
}
