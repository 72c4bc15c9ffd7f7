import type { IncomingMessage } from 'node:http';
import busboy from 'busboy';
import { BotApiError, badRequest } from './errors.ts';

/** A file of a multipart upload. */
export interface UploadedFile {
  /** The name that `attach://` or the parameter itself refers to. */
  readonly field: string;
  readonly name: string;
  readonly mimeType: string;
  readonly data: Buffer;
}

/** How the parameters of a call arrived. */
export type Transport = 'query' | 'json' | 'form' | 'multipart' | 'webhook-reply';

export interface DecodedRequest {
  readonly transport: Transport;
  readonly values: Record<string, unknown>;
  readonly files: ReadonlyMap<string, UploadedFile>;
}

/** The Bot API takes files up to 50 MB. */
const MAX_BODY_BYTES = 50 * 1024 * 1024;

/**
 * Reads a call's parameters: those of the query string, and those of the body, as JSON, as a form or as multipart.
 *
 * @throws {BotApiError} 400 when the body is not what its content type says, 413 when it is too large.
 */
export async function decodeRequest(request: IncomingMessage, query: URLSearchParams): Promise<DecodedRequest> {
  const values: Record<string, unknown> = Object.fromEntries(query);
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('multipart/form-data')) return decodeMultipart(request, values);
  const body = (await readBody(request)).toString('utf8');
  if (body === '') return { transport: 'query', values, files: new Map() };
  if (type.startsWith('application/json')) {
    return { transport: 'json', values: { ...values, ...parseJson(body) }, files: new Map() };
  }
  const form = Object.fromEntries(new URLSearchParams(body));
  return { transport: 'form', values: { ...values, ...form }, files: new Map() };
}

/** Parses a JSON object as a body holds it. */
function parseJson(body: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw badRequest("can't parse JSON object");
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw badRequest('object expected');
  return parsed as Record<string, unknown>;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new BotApiError(413, 'Request Entity Too Large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Puts file names into quotes. grammY sends them bare and Telegram takes them so; the parser here would lose a file
 * whose name has a space.
 */
function quoteFileNames(body: Buffer, contentType: string): Buffer {
  const boundary = (/boundary="?([^";]+)/i.exec(contentType)?.[1] ?? '').replaceAll(/\W/g, '\\$&');
  const bare = `(--${boundary}\r\ncontent-disposition:[^\r\n]*?; *filename=)([^"\r\n][^\r\n]*)`;
  const quote = (_: string, before: string, name: string) => `${before}"${name.replaceAll('"', '\\"')}"`;
  return Buffer.from(body.toString('latin1').replace(new RegExp(bare, 'gi'), quote), 'latin1');
}

async function decodeMultipart(request: IncomingMessage, query: Record<string, unknown>): Promise<DecodedRequest> {
  const values = { ...query };
  const body = quoteFileNames(await readBody(request), request.headers['content-type'] ?? '');
  const files = new Map<string, UploadedFile>();
  const { promise, resolve, reject } = Promise.withResolvers<DecodedRequest>();
  const parser = busboy({
    headers: request.headers,
    defParamCharset: 'utf8',
    limits: { fieldSize: MAX_BODY_BYTES },
  });
  parser.on('field', (name, value) => {
    values[name] = value;
  });
  parser.on('file', (field, stream, info) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('close', () => {
      const data = Buffer.concat(chunks);
      files.set(field, { field, name: info.filename ?? field, mimeType: info.mimeType, data });
      // A file given right under a parameter's name is that parameter.
      values[field] ??= `attach://${field}`;
    });
  });
  parser.on('error', () => reject(badRequest("can't parse multipart form data")));
  parser.on('close', () => resolve({ transport: 'multipart', values, files }));
  parser.end(body);
  return promise;
}
