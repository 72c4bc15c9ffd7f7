import type { AttributeMap, AuditRecord } from '@botaudit/record';
import { onTestFinished } from 'vitest';
import { receiving } from '../../../../test/support/receiving.ts';
import { loadIndexerConfig, type RunningIndexer, startIndexer } from '../../src/index.js';
import { jsonRequest } from './otlp.js';

export const TOKEN = 'token-of-payments';
export const RESOURCE = { 'service.name': 'payments' };

/** An indexer on loopback that writes to `elasticsearch`, stopped when the test has ended. */
export class TestIndexer {
  readonly running: RunningIndexer & { readonly url: string };
  /** All that it said. */
  readonly said: string[];

  private constructor(running: TestIndexer['running'], said: string[]) {
    this.running = running;
    this.said = said;
  }

  static async start(elasticsearch: string, env: Readonly<Record<string, string>> = {}): Promise<TestIndexer> {
    const config = loadIndexerConfig({
      env: {
        BOTAUDIT_INDEXER_ELASTICSEARCH_URL: elasticsearch,
        BOTAUDIT_INDEXER_LISTEN: '127.0.0.1:0',
        BOTAUDIT_INDEXER_METRICS: '127.0.0.1:0',
        BOTAUDIT_INDEXER_TOKENS: `payments=${TOKEN}`,
        ...env,
      },
      cwd: '/nonexistent',
    });
    const said: string[] = [];
    const running = await startIndexer(config, (line) => said.push(line));
    onTestFinished(() => running.stop());
    return new TestIndexer(receiving(running), said);
  }

  /** Sends records in OTLP/JSON. */
  send(records: readonly AuditRecord[], resource: AttributeMap = RESOURCE): Promise<Response> {
    return this.post(JSON.stringify(jsonRequest(records, resource)));
  }

  /** Sends any request: by default JSON with the token. */
  post(body: string | Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}, path = '/v1/audit') {
    return fetch(new URL(path, this.running.url), {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}`, ...headers },
    });
  }

  /** The value of one series, written as Prometheus has it; `undefined` when there is none. */
  async metric(series: string): Promise<number | undefined> {
    const text = await (await fetch(`${this.running.adminUrl}/metrics`)).text();
    const line = text.split('\n').find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  }
}
