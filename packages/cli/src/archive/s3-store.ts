import { hash } from 'node:crypto';
import type { AwsClient } from 'aws4fetch';
import { Failure } from '../failure.js';
import type { S3Settings } from './s3-settings.js';
import { ArchiveError, type ArchiveStore, type ObjectLock } from './store.js';

/** A segment of a slow line's making may take a while; a server that says nothing for longer is not there. */
const TIMEOUT_MS = 5 * 60_000;
/** With pauses that double from 50 ms on: about three seconds. */
const RETRIES = 6;
const DAY_MS = 86_400_000;

export interface S3Place {
  readonly bucket: string;
  /** Comes before each name; ends with a slash unless it is empty. */
  readonly prefix: string;
  readonly lock?: ObjectLock | undefined;
}

/** An archive in a bucket of S3, or of what speaks as it does. */
export class S3Store implements ArchiveStore {
  readonly title: string;
  readonly #client: AwsClient;
  readonly #address: string;
  readonly #place: S3Place;

  private constructor(client: AwsClient, endpoint: string, place: S3Place) {
    this.#client = client;
    this.#address = `${endpoint}/${place.bucket}`;
    this.#place = place;
    this.title = `s3://${place.bucket}/${place.prefix}`;
  }

  /** @throws {Failure} when the client is not installed. */
  static async open({ endpoint, ...identity }: S3Settings, place: S3Place): Promise<S3Store> {
    const { AwsClient } = await loadClient();
    return new S3Store(new AwsClient({ ...identity, service: 's3', retries: RETRIES }), endpoint, place);
  }

  async list(folder: string): Promise<string[]> {
    const { prefix } = this.#place;
    const names: string[] = [];
    let token: string | undefined;
    do {
      const query = new URLSearchParams({ 'list-type': '2', 'encoding-type': 'url', prefix: `${prefix}${folder}/` });
      if (token !== undefined) query.set('continuation-token', token);
      const answer = await this.#send('GET', `?${query}`);
      const text = await answer.text();
      if (!answer.ok) throw this.#refused(`${folder}/`, 'listed', answer.status, text);
      for (const [, key = ''] of text.matchAll(/<Key>(.*?)<\/Key>/g)) {
        names.push(decodeURIComponent(key.replaceAll('+', ' ')).slice(prefix.length));
      }
      const next = /<NextContinuationToken>(.*?)<\/NextContinuationToken>/.exec(text)?.[1];
      token = next === undefined ? undefined : unescapeXml(next);
    } while (token !== undefined);
    return names;
  }

  async read(name: string): Promise<Buffer | undefined> {
    const answer = await this.#send('GET', this.#path(name));
    if (!answer.ok) {
      const text = await answer.text();
      if (answer.status === 404 && codeIn(text) !== 'NoSuchBucket') return undefined;
      throw this.#refused(name, 'read', answer.status, text);
    }
    return Buffer.from(await body(answer, `${this.title}${name}`));
  }

  async write(name: string, content: Uint8Array): Promise<void> {
    const headers = { ...checksums(content), ...this.#lockHeaders() };
    const answer = await this.#send('PUT', this.#path(name), headers, content);
    const text = await answer.text();
    if (!answer.ok) throw this.#refused(name, 'written', answer.status, text);
    if (this.#place.lock) await this.#proveLocked(name, this.#place.lock);
  }

  /** A server that does not know Object Lock, or a bucket without it, could take the wish and not grant it. */
  async #proveLocked(name: string, { mode }: ObjectLock): Promise<void> {
    const { status, headers } = await this.#send('HEAD', this.#path(name));
    const until = Date.parse(headers.get('x-amz-object-lock-retain-until-date') ?? '');
    if (headers.get('x-amz-object-lock-mode') === mode && until > Date.now()) return;
    const what = status === 200 ? 'is there and not locked' : `can't be asked about (HTTP ${status})`;
    throw new ArchiveError(`${this.title}${name} ${what}: the bucket needs Object Lock, and you s3:GetObjectRetention`);
  }

  #lockHeaders(): Record<string, string> {
    const { lock } = this.#place;
    if (!lock) return {};
    return {
      'x-amz-object-lock-mode': lock.mode,
      'x-amz-object-lock-retain-until-date': new Date(Date.now() + lock.days * DAY_MS).toISOString(),
    };
  }

  #path(name: string): string {
    return `/${(this.#place.prefix + name).split('/').map(encodeURIComponent).join('/')}`;
  }

  async #send(method: string, path: string, headers = {}, content?: Uint8Array): Promise<Response> {
    try {
      return await this.#client.fetch(this.#address + path, {
        method,
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: 'manual',
        ...(content && { body: content as Uint8Array<ArrayBuffer> }),
      });
    } catch (error) {
      throw unreachable(`${this.title} (${new URL(this.#address).origin})`, error);
    }
  }

  #refused(name: string, what: string, status: number, text: string): ArchiveError {
    return new ArchiveError(
      `${this.title}${name} can't be ${what}: ${codeIn(text) ?? 'no reason given'} (HTTP ${status})`,
    );
  }
}

/** The client is a peer that is needed here alone: whoever archives to a folder, and every bot, goes without. */
async function loadClient(): Promise<typeof import('aws4fetch')> {
  try {
    return await import('aws4fetch');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes("'aws4fetch'")) throw error;
    throw new Failure(
      'archives in S3 need the package aws4fetch, to be installed where @botaudit/cli is: npm install aws4fetch ' +
        '(with --global if botaudit is global)',
    );
  }
}

/** What signs the content, and what S3 wants with everything that concerns Object Lock. */
function checksums(content: Uint8Array): Record<string, string> {
  const digest = hash('sha256', content, 'buffer');
  return { 'x-amz-content-sha256': digest.toString('hex'), 'x-amz-checksum-sha256': digest.toString('base64') };
}

async function body(answer: Response, name: string): Promise<ArrayBuffer> {
  try {
    return await answer.arrayBuffer();
  } catch (error) {
    throw unreachable(name, error);
  }
}

function unreachable(what: string, error: unknown): ArchiveError {
  const { cause, name } = error as { cause?: { code?: string; message?: string }; name?: string };
  return new ArchiveError(`${what} can't be reached: ${cause?.code ?? cause?.message ?? name ?? error}`, {
    cause: error,
  });
}

function codeIn(text: string): string | undefined {
  return /<Code>(\w+)<\/Code>/.exec(text)?.[1];
}

function unescapeXml(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
