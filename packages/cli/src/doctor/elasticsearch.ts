import { ElasticsearchAccess, HOW_TO_GET_IN, HOW_TO_TRUST, isDistrust } from '../elasticsearch/access.js';

/** Where records of any namespace are. */
const RECORDS = 'logs-audit.otel-*';

const SEARCH = `/${RECORDS}/_search?ignore_unavailable=true`;

const MAX_ANSWER_BYTES = 1024 * 1024;

/** What Elasticsearch said when it was asked for a record. */
export type Answer =
  | { readonly kind: 'found' }
  | { readonly kind: 'not-found' }
  /** It could not be asked, which may pass. */
  | { readonly kind: 'unavailable'; readonly detail: string }
  /** It is not for us to ask, or this is not Elasticsearch: trying again does not mend it. */
  | { readonly kind: 'refused'; readonly detail: string; readonly next: string };

/** Asks Elasticsearch for records by their ids. */
export class Elasticsearch {
  readonly #access: ElasticsearchAccess;

  /**
   * @param address of a node, without credentials.
   * @param env holds these, or names the files that do.
   * @throws {Failure} when either is of no use.
   */
  constructor(address: string, env: NodeJS.ProcessEnv) {
    this.#access = new ElasticsearchAccess(address, { env });
  }

  /** Never rejects. */
  async find(id: string, signal: AbortSignal): Promise<Answer> {
    const query = { size: 0, track_total_hits: 1, query: { term: { 'attributes.audit.record.id': id } } };
    try {
      const options = { body: JSON.stringify(query), maxBytes: MAX_ANSWER_BYTES, signal };
      const { status, body } = await this.#access.send('POST', SEARCH, options);
      return judge(status, body);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const detail = code ?? message;
      if (isDistrust(detail)) return { kind: 'refused', detail, next: HOW_TO_TRUST };
      return { kind: 'unavailable', detail };
    }
  }
}

function judge(status: number, body: string): Answer {
  if (status === 401 || status === 403) {
    const next = `give it the key or the user of an auditor, who may read ${RECORDS}: ${HOW_TO_GET_IN}`;
    return { kind: 'refused', detail: `HTTP ${status}`, next };
  }
  if (status === 429 || status >= 500) return { kind: 'unavailable', detail: `HTTP ${status}` };
  const total = status === 200 ? totalOf(body) : undefined;
  if (total === undefined) {
    const next = '--elasticsearch takes the address of Elasticsearch, not of Kibana or a collector';
    return { kind: 'refused', detail: `HTTP ${status}, and no answer of Elasticsearch`, next };
  }
  return { kind: total > 0 ? 'found' : 'not-found' };
}

function totalOf(body: string): number | undefined {
  try {
    const total = (JSON.parse(body) as { hits?: { total?: { value?: unknown } } }).hits?.total?.value;
    return typeof total === 'number' ? total : undefined;
  } catch {
    // A page of something else.
    return undefined;
  }
}
