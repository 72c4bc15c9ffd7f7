import { AwsClient } from 'aws4fetch';
import { onTestFinished } from 'vitest';
import { S3, s3 } from '../../scripts/stack/parts/s3.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { installed } from './installed.ts';

/**
 * Starts an S3 server that is stopped, and whose folder is removed, when the test has ended.
 *
 * @throws when it is not installed.
 */
async function startS3(): Promise<S3> {
  const folder = await temporaryFolder();
  const server = await S3.start({ installed: await installed(s3), folder });
  onTestFinished(() => server.stop());
  return server;
}

/** What an S3 server answered. */
export interface S3Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

type RequestHeaders = Readonly<Record<string, string>>;

/** A bucket, as the one who owns it and the server sees it. */
export class Bucket {
  readonly #client: AwsClient;
  readonly #server: S3;
  readonly #url: string;

  private constructor(server: S3, name: string) {
    const { accessKeyId, secretAccessKey, region, url } = server;
    this.#server = server;
    this.#client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });
    this.#url = `${url}/${name}`;
  }

  /** A new bucket with Object Lock, on a server of its own that runs until the test has ended. */
  static async withObjectLock(name: string): Promise<Bucket> {
    const bucket = new Bucket(await startS3(), name);
    const { status, body } = await bucket.send('PUT', '', { 'x-amz-bucket-object-lock-enabled': 'true' });
    if (status !== 200) throw new Error(`${status}: ${body}`);
    return bucket;
  }

  /** Another one on the same server, without Object Lock. */
  async another(name: string): Promise<Bucket> {
    const bucket = new Bucket(this.#server, name);
    const { status, body } = await bucket.send('PUT', '');
    if (status !== 200) throw new Error(`${status}: ${body}`);
    return bucket;
  }

  /** How tools find the server, and as whom they come. */
  get env(): Readonly<Record<string, string>> {
    const { accessKeyId, secretAccessKey, region, url } = this.#server;
    return {
      AWS_ENDPOINT_URL_S3: url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
  }

  /** Keys of the objects in it. */
  async keys(): Promise<string[]> {
    const { body } = await this.send('GET', '?list-type=2');
    return [...body.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = '']) => key).sort();
  }

  /** @param path what follows the bucket's address: `/key?query`. */
  async send(method: string, path: string, headers: RequestHeaders = {}, body?: string): Promise<S3Answer> {
    const answer = await this.#client.fetch(`${this.#url}${path}`, { method, headers, ...(body && { body }) });
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  }

  /**
   * Puts an object that is retained in compliance mode.
   *
   * @returns the id of its version.
   */
  async archive(key: string, content: string, until: Date): Promise<string> {
    const lock = {
      'x-amz-object-lock-mode': 'COMPLIANCE',
      'x-amz-object-lock-retain-until-date': until.toISOString(),
    };
    return this.put(key, content, lock);
  }

  /** Puts an object; {@link archive} does so with retention. */
  async put(key: string, content: string, headers: RequestHeaders = {}): Promise<string> {
    const answer = await this.send('PUT', `/${key}`, { ...headers, ...(await checksum(content)) }, content);
    const version = answer.headers.get('x-amz-version-id');
    if (answer.status !== 200 || !version) throw new Error(`${answer.status}: ${answer.body}`);
    return version;
  }

  /** Asks for another retention of one version. */
  async retain(key: string, version: string, mode: string, until: Date, headers: RequestHeaders): Promise<S3Answer> {
    const body = `<Retention xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Mode>${mode}</Mode><RetainUntilDate>${until.toISOString()}</RetainUntilDate></Retention>`;
    const path = `/${key}?retention&versionId=${version}`;
    return this.send('PUT', path, { ...headers, ...(await checksum(body)) }, body);
  }

  /** Asks to delete one version for good. */
  async delete(key: string, version: string, headers: RequestHeaders = {}): Promise<S3Answer> {
    return this.send('DELETE', `/${key}?versionId=${version}`, headers);
  }
}

/** What S3 wants with everything that concerns Object Lock. */
async function checksum(body: string): Promise<RequestHeaders> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body));
  return { 'x-amz-checksum-sha256': Buffer.from(digest).toString('base64') };
}
