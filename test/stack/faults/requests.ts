import { once } from 'node:events';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import type { AttributeMap, AuditRecord } from '@botaudit/record';
import { protobufRequest } from '../../../packages/indexer/test/support/otlp.ts';

/** A request of OTLP/HTTP as it goes onto the wire. */
export interface Bytes {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** What was answered. */
export interface Answer {
  readonly status: number;
  /** In words, of an answer that is no success. */
  readonly message: string;
}

const PIECE = 256 * 1024;

/**
 * Sends a request, and reads the answer also when it comes before all of the request is written: what comes after that
 * is not sent.
 */
export async function send(url: string, { body, headers }: Bytes, authorization: string | undefined): Promise<Answer> {
  const sent = request(url, {
    method: 'POST',
    agent: false,
    headers: { 'content-length': body.length, ...headers, ...(authorization !== undefined && { authorization }) },
  });
  const answered = once(sent, 'response').then(async ([response]) => {
    const said = await buffer(response);
    const isSuccess = response.statusCode === 200;
    return { status: response.statusCode, message: isSuccess ? '' : messageOf(response.headers['content-type'], said) };
  });
  let isOver = false;
  const over = answered.then(
    () => {
      isOver = true;
    },
    () => {
      isOver = true;
    },
  );
  for (let at = 0; at < body.length && !isOver; at += PIECE) {
    if (!sent.write(body.subarray(at, at + PIECE))) await Promise.race([once(sent, 'drain'), over]);
  }
  if (isOver) sent.destroy();
  else sent.end();
  return answered;
}

/** The message of a `google.rpc.Status`: its second field, after a code of two bytes and a length of one or two. */
function messageOf(type: string | undefined, body: Buffer): string {
  if (type === 'application/json') return (JSON.parse(body.toString()) as { message: string }).message;
  if (type === 'application/x-protobuf') return body.subarray((body[3] ?? 0) < 0x80 ? 4 : 5).toString();
  return body.toString();
}

export const json = (text: string): Bytes => ({
  body: Buffer.from(text),
  headers: { 'content-type': 'application/json' },
});

export const protobuf = (body: Uint8Array): Bytes => ({
  body,
  headers: { 'content-type': 'application/x-protobuf' },
});

export const inProtobuf = (records: readonly AuditRecord[], resource: AttributeMap = { 'service.name': 'collector' }) =>
  protobuf(protobufRequest(records, resource));

export const zipped = ({ body, headers }: Bytes): Bytes => ({
  body: gzipSync(body),
  headers: { ...headers, 'content-encoding': 'gzip' },
});
