import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listSegments, listStreams, noteArchived, type RetentionRules } from '../src/index.js';
import { agedStream, DAY_MS, shrinkBy } from './aged-stream.js';
import { openWriter, temporaryFolder } from './sample.js';

const byAge = (directory: string, rules: RetentionRules) => shrinkBy(directory, 0, rules);

describe('retention by age', () => {
  it('takes whole segments whose last record is too old, though there is room, and says why', () => {
    const directory = temporaryFolder();
    const folder = agedStream(directory, [400, 366, 364, 1]);
    const report = byAge(directory, { maxAgeMs: 365 * DAY_MS });
    expect(report).toMatchObject({
      removed: [
        {
          streamId: basename(folder),
          firstSegment: 1,
          lastSegment: 2,
          lastNumber: 2,
          reason: 'max_age',
          acknowledged: false,
        },
      ],
      over: undefined,
    });
    expect(listSegments(folder)).toEqual([3, 4]);
  });

  it('never takes what nobody acknowledged, where somebody has to', () => {
    const directory = temporaryFolder();
    const folder = agedStream(directory, [400, 390, 380], { acknowledged: 1 });
    byAge(directory, { maxAgeMs: DAY_MS, acknowledgedOnly: true });
    expect(listSegments(folder)).toEqual([2, 3]);
  });

  it('takes an ended stream whole, and leaves a living writer its segment', () => {
    const directory = temporaryFolder();
    agedStream(directory, [400, 390]);
    const live = agedStream(directory, [400, 390], { live: true });
    byAge(directory, { maxAgeMs: DAY_MS });
    expect(listStreams(directory).map(({ streamId }) => streamId)).toEqual([basename(live)]);
    expect(listSegments(live)).toEqual([2]);
  });

  it('keeps acknowledged segments as long as it is told', () => {
    const directory = temporaryFolder();
    const folder = agedStream(directory, [3, 2, 1], { acknowledged: 3 });
    byAge(directory, { keepAcknowledgedMs: 2.5 * DAY_MS });
    expect(listSegments(folder)).toEqual([2, 3]);
  });

  it('is done by a writer, soon after its start', async () => {
    const directory = temporaryFolder();
    const old = agedStream(directory, [90, 80]);
    openWriter(directory, { retention: { maxAgeMs: DAY_MS } });
    await expect.poll(() => listStreams(directory).map(({ streamId }) => streamId)).not.toContain(basename(old));
  });
});

describe('where the archive has to acknowledge', () => {
  const rules = { acknowledgedOnly: true, acknowledgedBy: 'archive', maxAgeMs: DAY_MS } as const;

  it('takes what is archived, whatever the receiver says', () => {
    const directory = temporaryFolder();
    const folder = agedStream(directory, [9, 8, 7], { acknowledged: 3 });
    expect(byAge(directory, rules).removed).toEqual([]);
    noteArchived(folder, 2);
    expect(byAge(directory, rules).removed).toMatchObject([{ firstSegment: 1, lastSegment: 2, acknowledged: true }]);
    expect(listSegments(folder)).toEqual([3]);
  });

  it('takes nothing for archived where the note is damaged', () => {
    const directory = temporaryFolder();
    const folder = agedStream(directory, [9, 8]);
    for (const text of ['', 'garbage', '{"segment":"2"}', '{"segment":-1}', '{"segment":1e300}', '[]']) {
      writeFileSync(join(folder, 'archived.json'), text);
      expect(byAge(directory, rules).removed, text).toEqual([]);
    }
  });
});
