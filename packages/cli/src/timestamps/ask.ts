// Asks an authority for a timestamp (RFC 3161 over HTTP).
import { hash, randomBytes, type X509Certificate } from 'node:crypto';
import { Integer, OctetString } from 'asn1js';
import {
  AlgorithmIdentifier,
  id_sha256,
  MessageImprint,
  PKIStatus,
  type PKIStatusInfo,
  TimeStampReq,
  TimeStampResp,
} from 'pkijs';
import { TimestampError } from './timestamp-error.js';
import { type Timestamp, verifyToken } from './token.js';

/** A timestamp has some kilobytes, with all certificates. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** An authority whose clock is off by more than this says a time that nobody here can believe, in milliseconds. */
const CLOCK_OFF_MS = 5 * 60 * 1000;

/** What it says where it grants nothing (RFC 3161, 2.4.2), by the bits of `failInfo`. */
const FAILURES: Readonly<Record<number, string>> = {
  0: 'it does not know the hash',
  2: 'it takes the request for wrong',
  5: 'it takes the request for malformed',
  14: 'it has no time',
  15: 'it does not give timestamps under this policy',
  16: 'it does not know an extension',
  17: 'it lacks information',
  25: 'it failed',
};

/** Whom to ask, and what is believed. */
export interface AuthorityOptions {
  readonly url: string;
  readonly trusted: readonly X509Certificate[];
  /** Object identifier of the policy to ask for; `undefined` for the authority's own. */
  readonly policy: string | undefined;
  /** In milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A timestamp, and the bytes (DER) that prove it. */
export interface GrantedTimestamp extends Timestamp {
  readonly token: Buffer;
}

/**
 * Has a text timestamped, of which the authority gets the SHA-256 alone.
 *
 * @throws {TimestampError} when it can't be reached, grants none, or what it grants is wrong.
 */
export async function askForTimestamp(text: string, options: AuthorityOptions): Promise<GrantedTimestamp> {
  const nonce = randomBytes(8);
  // A whole number above zero, in as many bytes as it needs: it is compared byte for byte.
  nonce[0] = (nonce[0]! & 0x7f) | 0x40;
  const answer = await post(requestFor(text, nonce, options.policy), options);
  const token = tokenIn(answer);
  const timestamp = await verifyToken(token, text, options.trusted);
  if (timestamp.nonce !== nonce.toString('hex')) {
    throw new TimestampError('it is the answer to another request: its nonce is another, or missing');
  }
  if (options.policy !== undefined && timestamp.policy !== options.policy) {
    throw new TimestampError(`it was given under the policy ${timestamp.policy}, not ${options.policy}`);
  }
  const offMs = timestamp.time.getTime() - Date.now();
  if (Math.abs(offMs) > CLOCK_OFF_MS) {
    throw new TimestampError(`it says ${timestamp.time.toISOString()}: one of the two clocks is wrong`);
  }
  return { ...timestamp, token };
}

function requestFor(text: string, nonce: Buffer, policy: string | undefined): Uint8Array<ArrayBuffer> {
  const request = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithmId: id_sha256 }),
      hashedMessage: new OctetString({ valueHex: hash('sha256', text, 'buffer') }),
    }),
    nonce: new Integer({ valueHex: nonce }),
    certReq: true,
    ...(policy !== undefined && { reqPolicy: policy }),
  });
  return new Uint8Array(request.toSchema().toBER());
}

async function post(body: Uint8Array<ArrayBuffer>, { url, timeoutMs, signal }: AuthorityOptions): Promise<Uint8Array> {
  const timeout = AbortSignal.timeout(timeoutMs);
  let status: number;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
      body,
      redirect: 'error',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    status = response.status;
    if (response.ok) return await bytesOf(response);
    await response.body?.cancel();
  } catch (error) {
    if (error instanceof TimestampError) throw error;
    if (timeout.aborted) throw new TimestampError(`the authority did not answer within ${timeoutMs / 1000} s`);
    const { cause, message } = error as Error;
    const code = (cause as NodeJS.ErrnoException | undefined)?.code;
    // Of what it does not even try, such as a port that is never the web's, only the cause says why.
    const why = code ?? (cause instanceof Error ? cause.message : message);
    throw new TimestampError(`the authority cannot be reached (${why})`);
  }
  throw new TimestampError(`the authority answered with HTTP status ${status}`);
}

async function bytesOf({ body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) throw new TimestampError('the authority answered with more than a timestamp');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tokenIn(answer: Uint8Array): Buffer {
  let response: TimeStampResp;
  try {
    response = TimeStampResp.fromBER(answer);
  } catch {
    throw new TimestampError('the authority answered with something that is no answer (RFC 3161)');
  }
  const { status, timeStampToken } = response;
  if (status.status !== PKIStatus.granted && status.status !== PKIStatus.grantedWithMods) {
    throw new TimestampError(`the authority refused: ${reasonOf(status)}`);
  }
  if (!timeStampToken) throw new TimestampError('the authority granted a timestamp and sent none');
  return Buffer.from(timeStampToken.toSchema().toBER());
}

function reasonOf({ status, statusStrings, failInfo }: PKIStatusInfo): string {
  const said = statusStrings?.map((each) => each.valueBlock.value).join(' ');
  const bits = failInfo?.valueBlock.valueHexView ?? new Uint8Array();
  const reasons = Object.entries(FAILURES).flatMap(([bit, reason]) => (isSet(bits, Number(bit)) ? [reason] : []));
  const all = said ? [...reasons, JSON.stringify(said)] : reasons;
  return all.join(', ') || `it says status ${status} and no reason`;
}

/** Bits of ASN.1 count from the most significant one on. */
function isSet(bytes: Uint8Array, bit: number): boolean {
  return (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1;
}
