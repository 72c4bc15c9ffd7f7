import type { ElasticsearchOptions } from '../../../scripts/stack/parts/elasticsearch.ts';
import { createApiKey } from '../../../scripts/stack/parts/elasticsearch-keys.ts';
import { type SharedElasticsearch, startElasticsearch, stopElasticsearch } from '../elasticsearches.ts';
import { setUp } from '../indexers.ts';
import { addComponent } from './table.ts';

/** Little, since several run side by side. */
const HEAP_MB = 256;

/** What a {@link Target} is, beside an Elasticsearch that is set up. */
export interface TargetOptions extends Pick<ElasticsearchOptions, 'heapMb' | 'settings' | 'tls'> {
  /** Each gets data streams of its own. */
  readonly namespaces: readonly string[];
  /** File (PEM) with the authority of its certificate. */
  readonly authority?: string | undefined;
}

/** An Elasticsearch that is set up, and what an indexer needs to write to it. */
export class Target {
  readonly node: SharedElasticsearch['node'];
  /** Its folder, with `config` in it. */
  readonly folder: string;
  /** Key of the writer. */
  readonly apiKey: string;
  /** Further variables for indexers. */
  readonly env: Readonly<Record<string, string>>;

  private constructor({ node, folder }: SharedElasticsearch, apiKey: string, env: Readonly<Record<string, string>>) {
    this.node = node;
    this.folder = folder;
    this.apiKey = apiKey;
    this.env = env;
  }

  static async start({ namespaces, authority, ...options }: TargetOptions): Promise<Target> {
    const shared = await startElasticsearch({ heapMb: HEAP_MB, ...options });
    const env: Record<string, string> =
      authority === undefined ? {} : { BOTAUDIT_INDEXER_ELASTICSEARCH_CERTIFICATE: authority };
    try {
      for (const namespace of namespaces) {
        await setUp(shared.node, { env: { ...env, BOTAUDIT_INDEXER_NAMESPACE: namespace } });
      }
      const about = (await (await shared.node.request('GET', '/')).json()) as { version: { number: string } };
      await addComponent('Elasticsearch', about.version.number);
      return new Target(shared, await createApiKey(shared.node, 'audit-writer'), env);
    } catch (error) {
      await stopElasticsearch(shared);
      throw error;
    }
  }

  /** Variables for what writes to it by itself. */
  get writerEnv(): Readonly<Record<string, string>> {
    return {
      ...this.env,
      BOTAUDIT_INDEXER_ELASTICSEARCH_URL: this.node.url,
      BOTAUDIT_INDEXER_ELASTICSEARCH_API_KEY: this.apiKey,
    };
  }

  async stop(): Promise<void> {
    await stopElasticsearch(this);
  }
}
