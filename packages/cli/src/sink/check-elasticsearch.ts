import { hash } from 'node:crypto';
import { ATTR_AUDIT_SEQUENCE_NUMBER, ATTR_AUDIT_SEQUENCE_STREAM_ID, createLineReader } from '@botaudit/record';
import { ElasticsearchAccess } from '../elasticsearch/access.js';
import { Failure } from '../failure.js';
import { missingIndices } from './backing-indices.js';
import { heldInDocument } from './document.js';
import type { Held } from './held.js';
import { JournalSide } from './journal-side.js';
import { SinkJudge, type SinkReport, type SinkRules } from './judge.js';
import { Origins } from './origins.js';
import { type Rejected, readRejected } from './rejected.js';
import { type Hit, Snapshot } from './snapshot.js';
import { CHECKPOINTS, recordsInOrder, TESTIMONIES, WITHOUT_PLACE } from './stored-records.js';

/** How to check what Elasticsearch holds. */
export interface ElasticsearchCheckOptions extends Pick<SinkRules, 'publicKeys' | 'graceMs' | 'retentionMs'> {
  /** See {@link Origins}. */
  readonly services?: readonly string[] | undefined;
  /** A node. */
  readonly url: string;
  /** Holds the credentials, or names the files that do. */
  readonly env: NodeJS.ProcessEnv;
  /** File with the certificate of the authority. */
  readonly ca?: string | undefined;
  /** Last part of the data streams' names; `*` stands for anything. */
  readonly namespace: string;
  /** Requests that are under way at a time. */
  readonly jobs: number;
  /** Folder of a journal to compare with. */
  readonly journal?: string | undefined;
  /** Lines that carry checkpoints from elsewhere, by the name of where they are from. */
  readonly outside?: ReadonlyMap<string, readonly string[]> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Verifies what Elasticsearch holds, as of one moment.
 *
 * @throws {Failure} when not all of it can be read: then nothing is verified.
 */
export async function checkElasticsearch(options: ElasticsearchCheckOptions): Promise<SinkReport> {
  const { url, env, ca, namespace, signal } = options;
  if (!/^[a-z0-9_.*-]+$/.test(namespace))
    throw Failure.usage(`--namespace takes the last part of a data stream's name`);
  const origins = new Origins(options.services);
  const access = new ElasticsearchAccess(url, { env, ca, keepAlive: true });
  const open: Snapshot[] = [];
  try {
    const pattern = `logs-audit.otel-${namespace}`;
    const nowMs = Date.now();
    const records = await Snapshot.open(access, pattern, signal);
    if (!records) throw new Failure(`nothing was verified: Elasticsearch has nothing of the name ${pattern}`);
    open.push(records);
    // Later than the others: what is rejected meanwhile is missed there, and is found here.
    const refused = await Snapshot.open(access, `logs-audit.rejected-${namespace}`, signal);
    if (refused) open.push(refused);
    const rejected = await readRejected(
      refused,
      createLineReader((text) => hash('sha256', text)),
    );
    const gone = await missingIndices(access, pattern, options.retentionMs, signal);
    return await judge(records, rejected, gone, { nowMs, origins }, options);
  } finally {
    for (const snapshot of open) await snapshot.close();
    access.close();
  }
}

async function judge(
  records: Snapshot,
  rejected: Rejected,
  gone: Rejected['findings'],
  { nowMs, origins }: { nowMs: number; origins: Origins },
  options: ElasticsearchCheckOptions,
): Promise<SinkReport> {
  const { publicKeys, graceMs, retentionMs, jobs, journal, outside = new Map() } = options;
  const settledMs = nowMs - graceMs;
  const sink = new SinkJudge({
    complete: true,
    publicKeys,
    nowMs,
    graceMs,
    retentionMs,
    origins,
    rejected: rejected.records,
    journal: journal === undefined ? undefined : new JournalSide(journal, settledMs),
  });
  for (const finding of [...gone, ...rejected.findings]) sink.findings.add(finding);
  for (const [name, lines] of outside)
    sink.checkpoints(
      name,
      lines.map((line: string) => outsideHeld(name, line)),
    );
  const all = await records.count();
  let read = 0;
  for await (const { owner, hits } of byOwner(records.documents(CHECKPOINTS))) {
    read += hits.length;
    sink.checkpoints(owner, hits.map(heldInDocument));
  }
  for await (const hit of records.documents(TESTIMONIES)) sink.announce(heldInDocument(hit));
  const odd = new Set<string>();
  for await (const hit of recordsInOrder(records, jobs)) {
    if (!hasOnePlace(hit)) {
      if (odd.has(hit.id)) continue;
      odd.add(hit.id);
    }
    read++;
    sink.record(heldInDocument(hit));
  }
  for await (const hit of records.documents(WITHOUT_PLACE)) {
    read++;
    sink.record(heldInDocument(hit));
  }
  if (read !== all) throw new Failure(`nothing was verified: Elasticsearch gave ${read} of ${all} documents`);
  return sink.finish();
}

/** Whether a document has no more than one stream and number: a list of them would be found under each. */
function hasOnePlace({ source }: Hit): boolean {
  const { attributes } = source as { readonly attributes?: Readonly<Record<string, unknown>> };
  const streamId = attributes?.[ATTR_AUDIT_SEQUENCE_STREAM_ID];
  return typeof streamId === 'string' && typeof attributes?.[ATTR_AUDIT_SEQUENCE_NUMBER] === 'number';
}

function outsideHeld(name: string, line: string): Held {
  return { line, place: name };
}

/** Documents that follow one another with the same first value to sort by. */
async function* byOwner(
  hits: AsyncIterable<Hit>,
): AsyncGenerator<{ owner: string; hits: readonly Hit[] }, void, undefined> {
  let owner: string | undefined;
  let list: Hit[] = [];
  for await (const hit of hits) {
    const own = String(hit.sort[0] ?? '').replace(/^stream:/, '');
    if (own !== owner && owner !== undefined) {
      yield { owner, hits: list };
      list = [];
    }
    owner = own;
    list.push(hit);
  }
  if (owner !== undefined) yield { owner, hits: list };
}
