import { afterEach, beforeEach, expect } from 'vitest';
import { checkElasticsearch, type ElasticsearchCheckOptions } from '../../src/sink/check-elasticsearch.js';
import { SearchServer } from './search-server.js';
import { TestJournal, type TestStream } from './test-journal.js';

export let journal: TestJournal;
/** What answers in the place of Elasticsearch. */
export let server: SearchServer;
beforeEach(async () => {
  journal = new TestJournal();
  server = await SearchServer.listen();
});
afterEach(() => {
  server.close();
  journal.remove();
});

/** Verifies what it holds. */
export const check = (options: Partial<ElasticsearchCheckOptions> = {}) =>
  checkElasticsearch({
    url: server.url,
    env: {},
    namespace: '*',
    jobs: 2,
    graceMs: 0,
    publicKeys: [],
    ...options,
  });

/** Findings that are errors, each as a line. */
export async function errors(options: Partial<ElasticsearchCheckOptions> = {}): Promise<string[]> {
  const { findings, intact } = await check(options);
  const found = findings.filter(({ severity }) => severity === 'error');
  expect(intact).toBe(found.length === 0);
  return found.map(({ stream, kind, message }) => `${stream === stored?.id ? 'it' : stream} ${kind}: ${message}`);
}

/** The stream that was stored last. */
export let stored: TestStream;

/** A stream of so many commands, all of it in Elasticsearch. */
export function storeStream(commands = 8): TestStream {
  stored = journal.closed(...Array.from({ length: commands }, () => ({})));
  server.store(stored.lines);
  return stored;
}
