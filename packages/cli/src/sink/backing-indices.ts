import type { ElasticsearchAccess } from '../elasticsearch/access.js';
import type { CheckFinding } from '../journal/check.js';
import { Asking } from './asking.js';

const BACKING = /^(?:[a-z]+-)*\.ds-(.+)-\d{4}\.\d{2}\.\d{2}-(\d{6,})$/;

/**
 * Which backing indices of data streams are not there any more: they are numbered from 1, and Elasticsearch removes the
 * oldest ones alone.
 *
 * @param retentionMs how long the sink keeps records; that the oldest are gone is no finding then.
 * @throws {Failure} when Elasticsearch can't be asked.
 */
export async function missingIndices(
  access: ElasticsearchAccess,
  pattern: string,
  retentionMs: number | undefined,
  signal: AbortSignal | undefined,
): Promise<CheckFinding[]> {
  const fields = '*.mappings._meta.botaudit,*.mappings._data_stream_timestamp';
  const asking = new Asking(access, pattern, signal);
  const answer = (await asking.ask('GET', `/${pattern}/_mapping?filter_path=${fields}`)) ?? {};
  const byStream = new Map<string, number[]>();
  for (const index of Object.keys(answer)) {
    const [, stream, generation] = BACKING.exec(index) ?? [];
    if (stream === undefined) continue;
    byStream.set(stream, [...(byStream.get(stream) ?? []), Number(generation)]);
  }
  const findings: CheckFinding[] = [];
  for (const [stream, generations] of byStream) {
    let next = 1;
    for (const generation of generations.sort((a, b) => a - b)) {
      if (generation > next) {
        const isBeginning = next === 1;
        const which = generation - 1 > next ? `indices ${next} to ${generation - 1} are` : `index ${next} is`;
        const why = isBeginning
          ? 'by a retention, or by somebody: say --retention if there is one'
          : 'and later ones are there: it was removed by somebody';
        if (!isBeginning || retentionMs === undefined) {
          findings.push({
            stream,
            kind: 'document',
            severity: isBeginning ? 'notice' : 'error',
            message: `backing ${which} gone, ${why}`,
          });
        }
      }
      next = generation + 1;
    }
  }
  return findings;
}
