// An Elasticsearch that lies: whatever it does, it must not be believed to hold all of it, intact.
import { readFileSync } from 'node:fs';
import { type AttributeMap, parseRecord } from '@botaudit/record';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkElasticsearch } from '../src/sink/check-elasticsearch.js';
import { type Answer, type Lie, SearchServer } from './support/search-server.js';
import { SignedJournal } from './support/signed-journal.js';
import { TestJournal, type TestStream } from './support/test-journal.js';

let journal: TestJournal;
let server: SearchServer;
let stream: TestStream;
beforeEach(async () => {
  journal = new TestJournal();
  server = await SearchServer.listen();
  stream = journal.closed(...Array.from({ length: 2_200 }, () => ({})));
  server.store(stream.lines);
});
afterEach(() => {
  server.close();
  journal.remove();
});

const check = (publicKeys: readonly string[] = []) =>
  checkElasticsearch({ url: server.url, env: {}, namespace: '*', jobs: 2, graceMs: 0, publicKeys });

/** A lie about the hits of searches that give some. */
const aboutHits =
  (change: (hits: Answer[], asked: Answer) => Answer[] | undefined): Lie =>
  (answer, _path, asked) => {
    if (!answer.hits?.hits?.length) return answer;
    const hits = change(answer.hits.hits, asked);
    return hits ? { ...answer, hits: { ...answer.hits, hits } } : answer;
  };

const isRecords = ({ sort }: Answer) => sort?.length === 3;

test.each<[string, Lie, RegExp]>([
  [
    'says that it ran out of time',
    (answer, path) => (path.startsWith('/_search') ? { ...answer, timed_out: true } : answer),
    /gave up before it had looked at everything \(timed_out\)/,
  ],
  [
    'does not say whether it ran out of time',
    ({ timed_out: _, ...answer }, path) => (path.startsWith('/_search') ? answer : { ...answer }),
    /timed_out/,
  ],
  [
    'stops early',
    (answer, path) => (path.startsWith('/_search') ? { ...answer, terminated_early: true } : answer),
    /terminated_early/,
  ],
  [
    'answers for a part of its shards',
    (answer, path) =>
      path.startsWith('/_search') ? { ...answer, _shards: { total: 3, successful: 2, skipped: 0, failed: 1 } } : answer,
    /answered for 2 of 3 shards/,
  ],
  [
    'answers for a part of its shards, and calls none of them failed',
    (answer, path) =>
      path.startsWith('/_search') ? { ...answer, _shards: { total: 3, successful: 2, failed: 0 } } : answer,
    /answered for 2 of 3 shards/,
  ],
  [
    'opens a point in time of a part of its shards',
    (answer, path) =>
      path.includes('/_pit?') ? { ...answer, _shards: { total: 2, successful: 1, failed: 1 } } : answer,
    /answered for 1 of 2 shards/,
  ],
  [
    'says that there are more documents than it gives',
    (answer) =>
      answer.hits?.total ? { ...answer, hits: { ...answer.hits, total: { value: 2_203, relation: 'eq' } } } : answer,
    /gave 2202 of 2203 documents/,
  ],
  [
    'says that there are fewer documents than it gives',
    (answer) =>
      answer.hits?.total ? { ...answer, hits: { ...answer.hits, total: { value: 10, relation: 'eq' } } } : answer,
    /gave 2202 of 10 documents/,
  ],
  [
    'says only about how many there are',
    (answer) =>
      answer.hits?.total ? { ...answer, hits: { ...answer.hits, total: { value: 2_202, relation: 'gte' } } } : answer,
    /did not say how many documents there are/,
  ],
  [
    'drops a document',
    aboutHits((hits, asked) => (isRecords(asked) ? hits.slice(1) : hits)),
    /gave \d+ of 2202 documents/,
  ],
  ['gives hits in another order', aboutHits((hits) => hits.toReversed()), /out of order/],
  ['gives a document again', aboutHits((hits) => [hits[0], ...hits.slice(0, -1)]), /out of order/],
  [
    'gives the same page again and again',
    (() => {
      let first: Answer;
      return aboutHits((hits, asked) => {
        if (!isRecords(asked)) return hits;
        first ??= hits;
        return first;
      });
    })(),
    /gave \d+ of 2202 documents|out of order/,
  ],
  [
    'gives more hits than it was asked for',
    aboutHits((hits, asked) => Array.from({ length: asked.size + 1 }, () => hits[0])),
    /other hits than it was asked for/,
  ],
  [
    'gives no hits',
    (answer, path) => (path.startsWith('/_search') ? { ...answer, hits: undefined } : answer),
    /gave no hits/,
  ],
  [
    'gives hits without a source',
    aboutHits((hits) => hits.map(({ _source, ...hit }) => hit)),
    /without its id, index, source/,
  ],
  [
    'leaves out the streams',
    (answer) => (answer.aggregations ? { ...answer, aggregations: { values: { buckets: [] } } } : answer),
    /gave 0 of 2202 documents/,
  ],
  [
    'forgets the point in time',
    (answer, path) => (path.startsWith('/_search') ? missing() : answer),
    /has forgotten the point in time/,
  ],
  [
    'redirects',
    (answer, path) => (path.startsWith('/_search') ? 302 : answer),
    /HTTP 302, and not as Elasticsearch does/,
  ],
  ['is overloaded for good', (answer, path) => (path.startsWith('/_search') ? 503 : answer), /HTTP 503/],
  ['wants to know who asks', () => 401, /refuses \(HTTP 401\): give it the key/],
  ['answers with a page', () => 200, /nothing was verified/],
])('one that %s is refused: nothing is said to be right', async (_, lie, message) => {
  server.lie = lie;
  await expect(check()).rejects.toThrow(message);
});

test('one that names the same stream for ever is refused', async () => {
  const bucket = { key: { value: stream.id }, doc_count: 1 };
  const aggregations = { values: { buckets: [bucket], after_key: bucket.key } };
  server.lie = (answer) => (answer.aggregations ? { ...answer, aggregations } : answer);
  await expect(check()).rejects.toThrow(/names the same streams again and again/);
});

function missing(): Answer {
  return { status: 404, error: { type: 'search_context_missing_exception', reason: 'no search context' } };
}

test('one that is overloaded for a moment is asked again', async () => {
  let refusals = 2;
  server.lie = (answer, path) => (path.startsWith('/_search') && refusals-- > 0 ? 503 : answer);
  expect(await check()).toMatchObject({ intact: true, records: 2_202 });
});

test.each<[string, (hits: Answer[]) => Answer[], string]>([
  [
    'leaves a record out, everywhere and of every number',
    (hits) => hits.filter(({ sort }) => sort[1] !== 7),
    'removed 7',
  ],
  [
    'gives another text for a field',
    (hits) => {
      for (const { sort, _source } of hits) if (sort[1] === 7) _source.attributes['audit.outcome'] = 'failure';
      return hits;
    },
    'changed 7',
  ],
  [
    'gives one record in the place of another',
    (hits) => {
      const six = hits.find(({ sort }) => sort[1] === 6);
      for (const hit of hits) if (six && hit.sort[1] === 7) hit._source = six._source;
      return hits;
    },
    'removed 7',
  ],
])('one that %s, and is at one with itself about it, is found out', async (what, change, finding) => {
  const removed = what.startsWith('leaves') ? 1 : 0;
  server.lie = (answer, path, asked) => {
    if (answer.hits?.total) answer.hits.total.value -= removed;
    return isRecords(asked) ? aboutHits(change)(answer, path, asked) : answer;
  };
  const { intact, findings } = await check();
  expect(intact).toBe(false);
  expect(findings.map(({ kind, number }) => `${kind} ${number}`)).toContain(finding);
});

test('one that cuts off the end of the newest stream is found out by a checkpoint, and one that hides those by the key', async () => {
  const signed = new SignedJournal();
  try {
    const { records, checkpoints, id } = await signed.run(12);
    server.documents = [];
    const resource = parseRecord(records[0] ?? '').body?.resource as AttributeMap;
    server.store([...records, ...checkpoints], { resource });
    const key = readFileSync(signed.key.publicKey, 'utf8');
    expect(await check([key])).toMatchObject({ intact: true, signed: true });
    const cut = (name: string) => {
      server.documents = [];
      server.store([...records.slice(0, -2), ...(name === 'records' ? checkpoints : [])], { resource });
      return check([key]);
    };
    const withCheckpoints = await cut('records');
    expect(withCheckpoints).toMatchObject({ intact: false, signed: false });
    expect(withCheckpoints.findings.map(({ kind, stream: of }) => [kind, of])).toContainEqual(['removed', id]);
    const without = await cut('checkpoints');
    expect(without).toMatchObject({ intact: false, signed: false });
    expect(without.findings.map(({ kind }) => kind)).toContain('unsigned');
  } finally {
    signed.remove();
  }
});
