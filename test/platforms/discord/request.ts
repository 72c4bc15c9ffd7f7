import type { IncomingMessage } from 'node:http';
import busboy from 'busboy';
import { DiscordError } from './errors.ts';

/** A request's body: JSON, or a form with JSON in one of its parts and files in the others. */
export interface DecodedBody {
  readonly json: Readonly<Record<string, unknown>> | readonly unknown[] | undefined;
  /** Names of the files that came with it. */
  readonly files: readonly string[];
}

const MAX_BODY_BYTES = 25 * 1024 * 1024;
const NOTHING: DecodedBody = { json: undefined, files: [] };

/** @throws {DiscordError} 400 when it is not what its content type says, 413 when it is too large. */
export async function decodeBody(request: IncomingMessage): Promise<DecodedBody> {
  const type = request.headers['content-type'] ?? '';
  const body = await readBody(request);
  if (body.length === 0) return NOTHING;
  if (type.startsWith('multipart/form-data')) return decodeForm(request, body);
  if (type.startsWith('application/json')) return { json: parse(body.toString('utf8')), files: [] };
  return { json: Object.fromEntries(new URLSearchParams(body.toString('utf8'))), files: [] };
}

function parse(text: string): DecodedBody['json'] {
  try {
    return JSON.parse(text);
  } catch {
    throw new DiscordError(400, 50_109, 'The request body contains invalid JSON.');
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new DiscordError(413, 40_005, 'Request entity too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function decodeForm(request: IncomingMessage, body: Buffer): Promise<DecodedBody> {
  const { promise, resolve, reject } = Promise.withResolvers<DecodedBody>();
  const fields: Record<string, unknown> = {};
  const files: string[] = [];
  const parser = busboy({ headers: request.headers, defParamCharset: 'utf8' });
  parser.on('field', (name, value) => {
    if (name === 'payload_json') Object.assign(fields, parse(value));
    else fields[name] = value;
  });
  parser.on('file', (_, stream, { filename }) => {
    files.push(filename);
    stream.resume();
  });
  parser.on('error', () => reject(new DiscordError(400, 50_035, 'Invalid Form Body')));
  parser.on('close', () => resolve({ json: fields, files }));
  parser.end(body);
  return promise;
}
