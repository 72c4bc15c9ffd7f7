import { isUtf8 } from 'node:buffer';
import { type AttributeMap, attributesFromOtlp, RecordFormatError, recordFromOtlp } from '@botaudit/record';
import { type SplitRequest, splitRequest } from './json-split.js';
import { NotOtlpError, type Received, type Visitor } from './received.js';

/**
 * Reads an `ExportLogsServiceRequest` of OTLP in JSON.
 *
 * @throws {NotOtlpError} when it is none.
 */
export function visitJson(body: Uint8Array, visit: Visitor): void {
  if (!isUtf8(body)) throw new NotOtlpError('not an ExportLogsServiceRequest in JSON: not UTF-8');
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const { rest, lists } = splitRequest(text) ?? { rest: text, lists: undefined };
  try {
    const request = objectOf(JSON.parse(rest), 'the request');
    if (request.resourceLogs === undefined && Object.keys(request).length > 0) throw new TypeError('no resourceLogs');
    for (const entry of listOf(request.resourceLogs, 'resourceLogs')) visitResourceLogs(entry, text, lists, visit);
  } catch (error) {
    throw new NotOtlpError(`not an ExportLogsServiceRequest in JSON: ${harmless(error as Error)}`);
  }
}

function visitResourceLogs(
  json: unknown,
  text: string,
  lists: SplitRequest['lists'] | undefined,
  visit: Visitor,
): void {
  const { resource, scopeLogs } = objectOf(json, 'an entry of resourceLogs');
  const attributes =
    resource === undefined || resource === null ? undefined : objectOf(resource, 'resource').attributes;
  const { plain, problem } = resourceOf(attributes);
  for (const scope of listOf(scopeLogs, 'scopeLogs')) {
    const listed = listOf(objectOf(scope, 'an entry of scopeLogs').logRecords, 'logRecords');
    const visitOne = (logRecord: unknown) => visit(receivedOf(logRecord, text, problem), plain);
    if (lists) for (const number of listed) for (const one of lists[number as number] ?? []) visitOne(JSON.parse(one));
    else for (const logRecord of listed) visitOne(logRecord);
  }
}

/** The attributes of a resource, or what is wrong with them, so that records can't be said to be of it. */
function resourceOf(attributes: unknown): { readonly plain: AttributeMap; readonly problem?: string } {
  try {
    return { plain: attributesFromOtlp(attributes) };
  } catch (error) {
    if (!(error instanceof RecordFormatError)) throw error;
    return { plain: {}, problem: `its resource: ${error.reason}` };
  }
}

/** @param problem of its resource. */
function receivedOf(logRecord: unknown, request: string, problem: string | undefined): Received {
  if (problem !== undefined) return { unusable: problem, original: originalOf(logRecord, request) };
  try {
    return { record: recordFromOtlp(logRecord) };
  } catch (error) {
    if (!(error instanceof RecordFormatError)) throw error;
    return { unusable: error.reason, original: originalOf(logRecord, request) };
  }
}

/** What is nested so deeply that it can't be written again is kept with all that came with it. */
function originalOf(logRecord: unknown, request: string): string {
  try {
    return JSON.stringify(logRecord) ?? 'null';
  } catch {
    return request;
  }
}

/** The parser's reason without what it quotes of the request, which may be a secret. */
function harmless(error: Error): string {
  if (error instanceof SyntaxError) return /at position \d+/.exec(error.message)?.[0] ?? 'not JSON';
  return error instanceof RecordFormatError ? error.reason : error.message;
}

function objectOf(json: unknown, what: string): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw new TypeError(`${what} is not an object`);
}

/** A repeated field, which may be left out where it is empty. */
function listOf(json: unknown, what: string): readonly unknown[] {
  if (json === undefined || json === null) return [];
  if (Array.isArray(json)) return json;
  throw new TypeError(`${what} is not a list`);
}
