import type { AttributeMap, AttributeValue, AuditRecord } from './model.js';

/** The last record of a stream, as another stream's record names it. */
export interface StreamTip {
  readonly streamId: string;
  /** From 1; 0 when the stream has no whole record. */
  readonly number: number;
  /** SHA-256 of that record's line, lower-case hex; absent when `number` is 0. */
  readonly hash?: string | undefined;
}

/**
 * What the body of `audit.stream.opened` says of the other streams in the directory: `ended_streams` and
 * `live_streams`, each a list of `{stream_id, number, hash}`; an empty one is left out. To be spread into the body
 * beside whatever else it holds. So even a whole deleted stream leaves a hole.
 *
 * @param streams `ended`: those that ended since the last stream was opened; `live`: those still being written, at
 * their last whole line.
 */
export function openedBody(streams: { ended: readonly StreamTip[]; live?: readonly StreamTip[] }): AttributeMap {
  const body: AttributeMap = {};
  if (streams.ended.length > 0) body.ended_streams = streams.ended.map(tipMap);
  if (streams.live && streams.live.length > 0) body.live_streams = streams.live.map(tipMap);
  return body;
}

/** What an adopter found in the stream of a process that died. */
export interface Recovery {
  /** The last whole record. */
  readonly tip: StreamTip;
  /** Bytes after it that are no whole record. */
  readonly tornBytes: number;
  /** `audit.record.id` of the attempts that have no outcome. */
  readonly openAttempts: readonly string[];
}

/** The body of `audit.stream.recovered`: `{stream_id, number, hash, torn_bytes, open_attempts}`. */
export function recoveredBody({ tip, tornBytes, openAttempts }: Recovery): AttributeMap {
  return { ...tipMap(tip), torn_bytes: tornBytes, open_attempts: [...openAttempts] };
}

/**
 * What the body of `audit.retention.applied` says of the records that went: `removed_through`, a list of
 * `{stream_id, number, hash}`, each the last record of the beginning that was removed of a stream. To be spread into
 * the body beside whatever else it holds. What is gone and stands in no such record, verification takes for tampering.
 */
export function retentionBody(removed: readonly StreamTip[]): AttributeMap {
  return { removed_through: removed.map(tipMap) };
}

/** What one record says of other streams. */
export interface Testimony {
  /** Tips that must be there. */
  readonly tips: readonly StreamTip[];
  /** Beginnings of streams that are gone by right. */
  readonly removed: readonly StreamTip[];
  /** The same on other grounds than that the record says so, which whoever reads it has: as part of a sentence. */
  readonly grounds?: readonly { readonly tip: StreamTip; readonly by: string }[] | undefined;
}

/** What `record` says of other streams; `undefined` where it is not one that does, or its body has another shape. */
export function testimony(record: AuditRecord): Testimony | undefined {
  const { body } = record;
  if (!body) return undefined;
  switch (record.eventName) {
    case 'audit.stream.opened':
      return { tips: [...tipsOf(body.ended_streams), ...tipsOf(body.live_streams)], removed: [] };
    case 'audit.stream.recovered':
      return { tips: tipsOf([body]), removed: [] };
    case 'audit.retention.applied':
      return { tips: [], removed: tipsOf(body.removed_through) };
    default:
      return undefined;
  }
}

function tipMap({ streamId, number, hash }: StreamTip): AttributeMap {
  return hash === undefined ? { stream_id: streamId, number } : { stream_id: streamId, number, hash };
}

function tipsOf(list: AttributeValue | undefined): StreamTip[] {
  const tips: StreamTip[] = [];
  for (const entry of Array.isArray(list) ? list : []) {
    if (typeof entry !== 'object' || Array.isArray(entry)) continue;
    const { stream_id: streamId, number, hash } = entry;
    if (typeof streamId !== 'string' || typeof number !== 'number' || !(number > 0)) continue;
    tips.push({ streamId, number, hash: typeof hash === 'string' ? hash : undefined });
  }
  return tips;
}
