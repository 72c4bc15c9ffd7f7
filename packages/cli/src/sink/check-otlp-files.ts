import { checkpointEntryOf, type LineRead } from '@botaudit/record';
import { ExternalSort, type Sortable } from './external-sort.js';
import type { Held } from './held.js';
import { JournalSide } from './journal-side.js';
import { SinkJudge, type SinkReport, type SinkRules } from './judge.js';
import { recordsInFile } from './otlp-file.js';

/** How to check what a collector wrote into files. */
export interface OtlpFilesCheckOptions extends Pick<SinkRules, 'publicKeys' | 'graceMs' | 'retentionMs'> {
  readonly files: readonly string[];
  /** Folder of a journal to compare with. */
  readonly journal?: string | undefined;
  /** Lines that carry checkpoints from elsewhere, by the name of where they are from. */
  readonly outside?: ReadonlyMap<string, readonly string[]> | undefined;
}

/**
 * Verifies what a collector wrote into files: in any order, and as often as it came.
 *
 * @throws {Failure} when not all of it can be read.
 */
export async function checkOtlpFiles(options: OtlpFilesCheckOptions): Promise<SinkReport> {
  const { files, publicKeys, graceMs, retentionMs, journal, outside = new Map() } = options;
  const nowMs = Date.now();
  const side = journal === undefined ? undefined : new JournalSide(journal, nowMs - graceMs);
  const sink = new SinkJudge({ complete: true, publicKeys, nowMs, graceMs, retentionMs, journal: side });
  const [records, checkpoints] = [new ExternalSort(), new ExternalSort()];
  try {
    const telling: Held[] = [];
    for (const file of files) {
      for await (const held of recordsInFile(file, ({ place: stream, ...rest }) => {
        sink.findings.add({ stream, kind: 'document', ...rest });
      })) {
        const read = sink.readLine({ stream: '', line: held.line, terminated: true });
        if (read.testimony) telling.push(held);
        const content = JSON.stringify(held);
        if (read.record) await checkpoints.add({ key: ownerOf(read), number: 0, content });
        else await records.add({ key: read.link?.streamId ?? '', number: read.link?.number ?? 0, content });
      }
    }
    for (const [name, lines] of outside) {
      sink.checkpoints(
        name,
        lines.map((line: string): Held => ({ line, place: name })),
      );
    }
    for await (const { owner, list } of byKey(checkpoints.sorted())) sink.checkpoints(owner, list);
    for (const held of telling.sort((a, b) => (b.observedMs ?? 0) - (a.observedMs ?? 0))) sink.announce(held);
    for await (const { content } of records.sorted()) sink.record(JSON.parse(content) as Held);
    return sink.finish();
  } finally {
    await records.remove();
    await checkpoints.remove();
  }
}

function ownerOf({ record }: LineRead): string {
  try {
    return record ? checkpointEntryOf(record).streamId : '';
  } catch {
    return ''; // Verification says what is wrong with it.
  }
}

async function* byKey(
  sorted: AsyncIterable<Sortable>,
): AsyncGenerator<{ owner: string; list: readonly Held[] }, void, undefined> {
  let owner: string | undefined;
  let list: Held[] = [];
  for await (const { key, content } of sorted) {
    if (owner !== undefined && key !== owner) {
      yield { owner, list };
      list = [];
    }
    owner = key;
    list.push(JSON.parse(content) as Held);
  }
  if (owner !== undefined) yield { owner, list };
}
