import { readFileSync } from 'node:fs';
import { Failure } from '../failure.js';

/** Where records of any namespace are. */
const RECORDS = 'logs-audit.otel-*';

const PREFIX = 'BOTAUDIT_ELASTICSEARCH_';

/** Variables that tell how to get into Elasticsearch. They are of this command alone. */
export const ELASTICSEARCH_VARIABLES = [
  'API_KEY',
  'API_KEY_FILE',
  'USERNAME',
  'PASSWORD',
  'PASSWORD_FILE',
  'CERTIFICATE',
].map((name) => PREFIX + name);

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
  readonly #url: URL;
  readonly #authorization: string | undefined;
  readonly #ca: Buffer | undefined;

  /**
   * @param address of a node, without credentials.
   * @param env holds these, or names the files that do.
   * @throws {Failure} when either is of no use.
   */
  constructor(address: string, env: NodeJS.ProcessEnv) {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw Failure.usage('--elasticsearch takes the address of a node, such as https://elasticsearch:9200');
    }
    if (url.username || url.password) {
      throw Failure.usage(`--elasticsearch takes no credentials, which every user of this machine could read: ${HOW}`);
    }
    this.#url = new URL(`${url.pathname.replace(/\/$/, '')}/${RECORDS}/_search`, url);
    this.#url.searchParams.set('ignore_unavailable', 'true');
    this.#authorization = authorization(env);
    const certificate = value(env, 'CERTIFICATE');
    this.#ca = certificate === undefined ? undefined : readFile(certificate, 'CERTIFICATE');
  }

  /** Never rejects. */
  async find(id: string, signal: AbortSignal): Promise<Answer> {
    const query = { size: 0, track_total_hits: 1, query: { term: { 'attributes.audit.record.id': id } } };
    try {
      const { status, body } = await this.#post(JSON.stringify(query), signal);
      return judge(status, body);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const detail = code ?? message;
      if (/^(?:ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_)/.test(detail)) {
        return { kind: 'refused', detail, next: `name the authority of its certificate in ${PREFIX}CERTIFICATE` };
      }
      return { kind: 'unavailable', detail };
    }
  }

  async #post(body: string, signal: AbortSignal): Promise<{ status: number; body: string }> {
    // Not fetch, which can't be told of an authority.
    const { request } = await (this.#url.protocol === 'https:' ? import('node:https') : import('node:http'));
    return await new Promise((resolve, reject) => {
      const call = request(this.#url, {
        method: 'POST',
        signal,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...(this.#authorization === undefined ? undefined : { authorization: this.#authorization }),
        },
        ...(this.#ca === undefined ? undefined : { ca: this.#ca }),
      });
      call.on('error', reject);
      call.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
          if (text.length > MAX_ANSWER_BYTES) response.destroy(new Error('an answer of more than 1 MiB'));
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      });
      call.end(body);
    });
  }
}

function judge(status: number, body: string): Answer {
  if (status === 401 || status === 403) {
    const next = `give it the key or the user of an auditor, who may read ${RECORDS}: ${HOW}`;
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

const HOW = `set ${PREFIX}API_KEY_FILE or ${PREFIX}API_KEY; or ${PREFIX}USERNAME, and ${PREFIX}PASSWORD_FILE or ${PREFIX}PASSWORD`;

function authorization(env: NodeJS.ProcessEnv): string | undefined {
  const apiKey = secret(env, 'API_KEY');
  if (apiKey !== undefined) return `ApiKey ${apiKey}`;
  const username = value(env, 'USERNAME');
  if (username === undefined) return undefined;
  const password = secret(env, 'PASSWORD');
  if (password === undefined) throw Failure.usage(`${PREFIX}USERNAME is set, and no password: ${HOW}`);
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** A secret from its variable, or from the file that its other variable names. */
function secret(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const file = value(env, `${name}_FILE`);
  return file === undefined ? value(env, name) : readFile(file, `${name}_FILE`).toString('utf8').trim();
}

function readFile(path: string, name: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw Failure.usage(`${PREFIX}${name}: cannot read ${path} (${(error as NodeJS.ErrnoException).code})`);
  }
}

function value(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[PREFIX + name]?.trim() || undefined;
}
