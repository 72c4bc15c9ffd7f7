import type { ExportError } from '../metrics/table.js';
import { readJsonResponse } from './json-response.js';
import type { PartialSuccess, Wire } from './wire.js';

/** An HTTP answer, as far as it matters here. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly retryAfter: string | undefined;
  /** When it was made, by the receiver's clock. */
  readonly date?: string | undefined;
  readonly body: Uint8Array;
}

/** What became of a request. */
export type Verdict =
  /** Every record has been taken. */
  | { readonly kind: 'accepted'; readonly warning?: string }
  /** At least one of the records is not wanted; `accepted` others have been taken, the answer doesn't say which. */
  | { readonly kind: 'refused'; readonly reason: ExportError; readonly detail: string; readonly accepted: number }
  /** Nobody's record is wrong: the same request is to be tried again later, not before `retryAfterMs` where that is known. */
  | { readonly kind: 'wait'; readonly reason: ExportError; readonly detail: string; readonly retryAfterMs?: number };

/** A receiver that asks for more patience than this is asked again after it: it may have changed its mind. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/**
 * Reads an answer to `sent` records (OTLP 1.x, "OTLP/HTTP Response"). More is asked of a success than status 200: a
 * proxy's or a captive portal's page says 200 too, and a record that it swallowed is lost.
 */
export function judge(answer: HttpAnswer, sent: number, wire: Wire): Verdict {
  const { status } = answer;
  if (status >= 200 && status < 300) return judgeSuccess(answer, sent, wire);
  const detail = `HTTP ${status}${said(answer)}`;
  if (status === 400 || status === 413 || status === 422)
    return { kind: 'refused', reason: 'refused', detail, accepted: 0 };
  return { kind: 'wait', reason: reasonOf(status), detail, ...retryAfter(answer) };
}

function reasonOf(status: number): ExportError {
  if (status === 429) return 'throttled';
  if (status === 408 || status >= 500) return 'unavailable';
  if (status === 401 || status === 403 || status === 407) return 'unauthorized';
  if (status >= 300 && status < 400) return 'redirected';
  return status >= 400 ? 'wrong_endpoint' : 'not_otlp';
}

/** Seconds, or a date (RFC 9110, 10.2.3): one of the receiver's clock, from which ours may be hours away. */
function retryAfter({ retryAfter: header, date }: HttpAnswer): { retryAfterMs?: number } {
  if (header === undefined) return {};
  const made = date === undefined ? Number.NaN : Date.parse(date);
  const now = Number.isNaN(made) ? Date.now() : made;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(wait) ? {} : { retryAfterMs: Math.min(Math.max(wait, 0), LONGEST_RETRY_AFTER_MS) };
}

function judgeSuccess(answer: HttpAnswer, sent: number, wire: Wire): Verdict {
  const response = readResponse(answer, wire);
  if (typeof response === 'string') {
    return { kind: 'wait', reason: 'not_otlp', detail: `HTTP ${answer.status}, ${response}: is it an OTLP receiver?` };
  }
  const { rejected } = response;
  const message = printable(response.message);
  if (rejected > 0) {
    const detail = `partial success, ${rejected} of ${sent} rejected${message && `: ${message}`}`;
    return { kind: 'refused', reason: 'partial_success', detail, accepted: Math.max(0, sent - rejected) };
  }
  return message === '' ? { kind: 'accepted' } : { kind: 'accepted', warning: message };
}

/** What an OTLP response says, or in words why it is none. */
function readResponse({ contentType, body }: HttpAnswer, wire: Wire): PartialSuccess | string {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  try {
    if (type === wire.contentType) return wire.readResponse(body);
    // Should be the request's, but receivers are about that answer everything in JSON.
    if (type === 'application/json') return readJsonResponse(body);
    return `content type ${type ? JSON.stringify(printable(type)) : 'missing'}`;
  } catch {
    return `a body that is no response of OTLP in ${type}`;
  }
}

/** What a refusal says in words: the message of an OTLP Status, where the body is JSON. */
function said({ contentType, body }: HttpAnswer): string {
  if (!contentType?.toLowerCase().startsWith('application/json')) return '';
  try {
    const { message } = JSON.parse(Buffer.from(body).toString('utf8'));
    return typeof message === 'string' && message !== '' ? `: ${printable(message)}` : '';
  } catch {
    // Not what it claims to be; the status says enough.
    return '';
  }
}

/** A receiver's words, fit for a log: short, no control or formatting characters. */
function printable(text: string): string {
  return text.slice(0, 200).replace(/\p{C}/gu, ' ').trim();
}
