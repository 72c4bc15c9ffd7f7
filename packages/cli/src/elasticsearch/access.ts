import { readFileSync } from 'node:fs';
import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { Failure } from '../failure.js';

const PREFIX = 'BOTAUDIT_ELASTICSEARCH_';

/** Variables that tell how to get into Elasticsearch. They are of the commands that ask it alone. */
export const ELASTICSEARCH_VARIABLES = [
  'API_KEY',
  'API_KEY_FILE',
  'USERNAME',
  'PASSWORD',
  'PASSWORD_FILE',
  'CERTIFICATE',
].map((name) => PREFIX + name);

/** How credentials are given. */
export const HOW_TO_GET_IN = `set ${PREFIX}API_KEY_FILE or ${PREFIX}API_KEY; or ${PREFIX}USERNAME, and ${PREFIX}PASSWORD_FILE or ${PREFIX}PASSWORD`;

/** How the authority of the certificate is named. */
export const HOW_TO_TRUST = `name the authority of its certificate in ${PREFIX}CERTIFICATE`;

/** An answer as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/** An answer has more bytes than whoever asked can take. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** Settings of an {@link ElasticsearchAccess}. */
export interface AccessOptions {
  /** Holds the credentials, or names the files that do. */
  readonly env: NodeJS.ProcessEnv;
  /** File with the certificate of the authority (PEM); instead of the one that `env` names. */
  readonly ca?: string | undefined;
  /** Whether connections are kept for the next request. Default `false`. */
  readonly keepAlive?: boolean | undefined;
}

/** A node of Elasticsearch, and how to get into it. */
export class ElasticsearchAccess {
  readonly #url: URL;
  readonly #authorization: string | undefined;
  readonly #ca: Buffer | undefined;
  readonly #keepAlive: boolean;
  #agent: HttpAgent | HttpsAgent | undefined;

  /**
   * @param address of a node, without credentials.
   * @throws {Failure} when it, or what `env` holds, is of no use.
   */
  constructor(address: string, { env, ca, keepAlive = false }: AccessOptions) {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw Failure.usage('--elasticsearch takes the address of a node, such as https://elasticsearch:9200');
    }
    if (url.username || url.password) {
      throw Failure.usage(
        `--elasticsearch takes no credentials, which every user of this machine could read: ${HOW_TO_GET_IN}`,
      );
    }
    this.#url = url;
    this.#keepAlive = keepAlive;
    this.#authorization = authorization(env);
    const certificate = value(env, 'CERTIFICATE');
    if (ca !== undefined) this.#ca = readFile(ca, '--ca');
    else if (certificate !== undefined) this.#ca = readFile(certificate, `${PREFIX}CERTIFICATE`);
  }

  /**
   * Sends a request.
   *
   * @param path what comes after the address of the node, with its slash.
   * @throws {TooLargeError} when the answer has more than `maxBytes`.
   * @throws what the connection throws.
   */
  async send(
    method: string,
    path: string,
    { body = '', maxBytes, signal }: { body?: string; maxBytes: number; signal: AbortSignal },
  ): Promise<RawAnswer> {
    // Not fetch, which can't be told of an authority.
    const { request, Agent } = await (this.#url.protocol === 'https:' ? import('node:https') : import('node:http'));
    this.#agent ??= new Agent({ keepAlive: this.#keepAlive });
    const url = new URL(this.#url.pathname.replace(/\/$/, '') + path, this.#url);
    return await new Promise((resolve, reject) => {
      const call = request(url, {
        method,
        signal,
        ...(this.#agent && { agent: this.#agent }),
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...(this.#authorization === undefined ? undefined : { authorization: this.#authorization }),
        },
        ...(this.#ca === undefined ? undefined : { ca: this.#ca }),
      });
      call.on('error', reject);
      call.on('response', (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes > maxBytes) response.destroy(new TooLargeError(`an answer of more than ${maxBytes} bytes`));
        });
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks, bytes).toString('utf8') });
        });
      });
      call.end(body);
    });
  }

  /** Lets go of connections that were kept. */
  close(): void {
    this.#agent?.destroy();
  }
}

/** Whether an error of the connection says that the certificate of the other side is not trusted. */
export function isDistrust(code: string): boolean {
  return /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_)/.test(code);
}

function authorization(env: NodeJS.ProcessEnv): string | undefined {
  const apiKey = secret(env, 'API_KEY');
  if (apiKey !== undefined) return `ApiKey ${apiKey}`;
  const username = value(env, 'USERNAME');
  if (username === undefined) return undefined;
  const password = secret(env, 'PASSWORD');
  if (password === undefined) throw Failure.usage(`${PREFIX}USERNAME is set, and no password: ${HOW_TO_GET_IN}`);
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** A secret from its variable, or from the file that its other variable names. */
function secret(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const file = value(env, `${name}_FILE`);
  return file === undefined ? value(env, name) : readFile(file, `${PREFIX}${name}_FILE`).toString('utf8').trim();
}

function readFile(path: string, name: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw Failure.usage(`${name}: cannot read ${path} (${(error as NodeJS.ErrnoException).code})`);
  }
}

function value(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[PREFIX + name]?.trim() || undefined;
}
