import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Superuser } from '../../scripts/stack/part.ts';
import { Elasticsearch, type ElasticsearchOptions, elasticsearch } from '../../scripts/stack/parts/elasticsearch.ts';
import { createApiKey } from '../../scripts/stack/parts/elasticsearch-keys.ts';
import { isAnythingPlanted, look } from '../support/planted/planted.ts';
import { installed } from './installed.ts';

/** An Elasticsearch for all tests of a file, for it takes long to start: to be stopped by {@link stopElasticsearch}. */
export interface SharedElasticsearch {
  readonly node: Elasticsearch;
  readonly folder: string;
}

/**
 * Starts an Elasticsearch with an empty folder.
 *
 * @throws when it is not installed.
 */
export async function startElasticsearch(
  options: Omit<ElasticsearchOptions, 'installed' | 'folder'> = {},
): Promise<SharedElasticsearch> {
  const programs = await installed(elasticsearch);
  const folder = await mkdtemp(join(tmpdir(), 'botaudit-test-'));
  return { node: await Elasticsearch.start({ ...options, installed: programs, folder }), folder };
}

export async function stopElasticsearch({ node, folder }: SharedElasticsearch): Promise<void> {
  await lookThroughDocuments(node).catch(() => undefined);
  await node.stop();
  await rm(folder, { recursive: true, force: true });
}

/** Looks for planted secrets in all that Elasticsearch was given to keep. */
async function lookThroughDocuments(node: Superuser): Promise<void> {
  if (!isAnythingPlanted()) return;
  let path = '/logs-audit*/_search?scroll=1m&expand_wildcards=all';
  let body: object = { size: 1_000 };
  for (;;) {
    const answer = await node.request('POST', path, body);
    // A test may have ended with an Elasticsearch that is stopped, or has no such index.
    if (!answer.ok) return;
    const text = await answer.text();
    const { _scroll_id, hits } = JSON.parse(text) as { _scroll_id: string; hits: { hits: unknown[] } };
    if (hits.hits.length === 0) return;
    look('documents of Elasticsearch', text);
    path = '/_search/scroll';
    body = { scroll: '1m', scroll_id: _scroll_id };
  }
}

/** A document as a search returns it. */
export interface Hit {
  readonly _id: string;
  readonly _index: string;
  readonly _source: unknown;
}

/** Elasticsearch as one who shows a key sees it. */
export class Visitor {
  readonly #node: Superuser;
  readonly #authorization: string;

  private constructor(node: Superuser, authorization: string) {
    this.#node = node;
    this.#authorization = authorization;
  }

  /** Somebody with one role, and the key that shows it. */
  static async withRole(node: Superuser, role: string): Promise<{ visitor: Visitor; apiKey: string }> {
    const apiKey = await createApiKey(node, role);
    return { visitor: new Visitor(node, `ApiKey ${apiKey}`), apiKey };
  }

  async request(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.#node.url}${path}`, {
      method,
      headers: { authorization: this.#authorization, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  /** The documents that a query finds: all of them, up to 10,000. */
  async search(stream: string, query: object = { match_all: {} }): Promise<Hit[]> {
    // Who may only read may not do this.
    await this.#node.request('POST', `/${stream}/_refresh`);
    const answer = await this.request('POST', `/${stream}/_search`, { size: 10_000, query });
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    return ((await answer.json()) as { hits: { hits: Hit[] } }).hits.hits;
  }
}
