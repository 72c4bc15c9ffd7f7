import type { IncomingMessage } from 'node:http';
import { SlackApiError } from './errors.ts';

export type Values = Readonly<Record<string, unknown>>;

/** How the arguments of a call arrived. */
export type Transport = 'query' | 'json' | 'form' | 'multipart';

export interface DecodedRequest {
  readonly transport: Transport;
  readonly values: Values;
}

export async function readBody(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Reads a call's arguments: those of the query string, and those of the body, as JSON, as a form or as multipart. In
 * forms, what is no text stands as JSON.
 *
 * @throws {SlackApiError} when the body is not what its content type says.
 */
export async function decodeRequest(request: IncomingMessage, query: URLSearchParams): Promise<DecodedRequest> {
  const asked = Object.fromEntries(query);
  const type = request.headers['content-type'] ?? '';
  const body = await readBody(request);
  if (body.length === 0) return { transport: 'query', values: asked };
  if (type.startsWith('application/json')) return { transport: 'json', values: { ...asked, ...parseJson(body) } };
  if (type.startsWith('multipart/form-data')) {
    const form = await new Response(body, { headers: { 'content-type': type } }).formData().catch(() => {
      throw new SlackApiError('invalid_form_data');
    });
    return { transport: 'multipart', values: { ...asked, ...Object.fromEntries(form) } };
  }
  const form = [...new URLSearchParams(body.toString('utf8'))].map(([key, value]) => [key, unfold(value)] as const);
  return { transport: 'form', values: { ...asked, ...Object.fromEntries(form) } };
}

function parseJson(body: Buffer): Values {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Values;
  } catch {
    // Told below.
  }
  throw new SlackApiError('invalid_json');
}

function unfold(value: string): unknown {
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    // A text that begins like JSON.
    return value;
  }
}
