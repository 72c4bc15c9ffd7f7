import { decodeRecord } from '@botaudit/record';

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPENING_BRACKET = 91;
const BACKSLASH = 92;
const CLOSING_BRACKET = 93;
const LETTER_S = 115;
const OPENING_BRACE = 123;
const CLOSING_BRACE = 125;

const START = '{"Attributes":{';
const BODY = ',"Body":';
const STRING_VALUE = '{"stringValue":"';
const PLAIN_VALUE = /^\{"(?:intValue":-?\d+|boolValue":(?:true|false)|doubleValue":-?[\d.]+(?:e[+-]?\d+)?)\}$/;
const NESTED_VALUE = /^\{"(?:arrayValue|kvlistValue)":\{$/;
const MEMBERS = [
  { canonical: ',"EventName":', otlp: ',"eventName":', optional: false },
  { canonical: ',"ObservedTimestamp":', otlp: ',"observedTimeUnixNano":', optional: false },
  { canonical: ',"SpanId":', otlp: ',"spanId":', optional: true },
  { canonical: ',"Timestamp":', otlp: ',"timeUnixNano":', optional: false },
  { canonical: ',"TraceId":', otlp: ',"traceId":', optional: true },
] as const;

/**
 * Rewrites a canonical line as a LogRecord of OTLP/JSON. The two differ little: attributes are a list in place of a map, and
 * the members have other names, so moving pieces of text does it, in a fifth of the time that parsing, wrapping and
 * writing takes. Reads character codes and appends to one string because that is where the time goes.
 *
 * @returns `undefined` when the line does not have the canonical order and form; what it is has to be found out by
 * parsing it. What stands within strings is taken over unseen.
 * @throws {RecordFormatError} when it holds a list or map, and is no record.
 */
export function canonicalToOtlpJson(line: string): string | undefined {
  if (!line.startsWith(START)) return undefined;
  let at = START.length;
  let out = '{"attributes":[';
  if (line.charCodeAt(at) !== CLOSING_BRACE) {
    for (out += '{"key":'; ; out += '},{"key":') {
      if (line.charCodeAt(at) !== QUOTE) return undefined;
      const keyEnd = stringEnd(line, at);
      if (line.charCodeAt(keyEnd) !== COLON) return undefined;
      const valueEnd = anyValueEnd(line, keyEnd + 1);
      if (valueEnd === -1) return undefined;
      out += line.slice(at, keyEnd);
      out += ',"value"';
      out += line.slice(keyEnd, valueEnd);
      at = valueEnd + 1;
      const next = line.charCodeAt(valueEnd);
      if (next === CLOSING_BRACE) break;
      if (next !== COMMA) return undefined;
    }
    out += '}]';
  } else {
    at++;
    out += ']';
  }
  const rest = members(line, at);
  return rest === undefined ? undefined : out + rest;
}

/** What follows the attributes, to the end of the line. */
function members(line: string, from: number): string | undefined {
  let at = from;
  let out = '';
  if (line.startsWith(BODY, at)) {
    const start = at + BODY.length;
    at = anyValueEnd(line, start);
    if (at === -1) return undefined;
    out = `,"body":${line.slice(start, at)}`;
  }
  for (const { canonical, otlp, optional } of MEMBERS) {
    if (!line.startsWith(canonical, at)) {
      if (optional) continue;
      return undefined;
    }
    const start = at + canonical.length;
    if (line.charCodeAt(start) !== QUOTE) return undefined;
    at = stringEnd(line, start);
    if (at === 0) return undefined;
    out += otlp;
    out += line.slice(start, at);
  }
  // The last brace closes the record.
  return at === line.length - 1 && line.charCodeAt(at) === CLOSING_BRACE ? `${out}}` : undefined;
}

/** The index after the closing quote of the string whose opening quote is at `start`; 0 when there is none. */
function stringEnd(line: string, start: number): number {
  let quote = line.indexOf('"', start + 1);
  while (quote > 0 && line.charCodeAt(quote - 1) === BACKSLASH && isEscaped(line, quote)) {
    quote = line.indexOf('"', quote + 1);
  }
  return quote + 1;
}

/** Whether an odd number of backslashes stands before `at`. */
function isEscaped(line: string, at: number): boolean {
  let before = at - 1;
  while (line.charCodeAt(before) === BACKSLASH) before--;
  return (at - before) % 2 === 0;
}

/** The index after the AnyValue that begins at `start`; -1 when there is none in canonical form. */
function anyValueEnd(line: string, start: number): number {
  if (line.charCodeAt(start + 2) === LETTER_S) {
    if (!line.startsWith(STRING_VALUE, start)) return -1;
    const end = stringEnd(line, start + STRING_VALUE.length - 1);
    return line.charCodeAt(end) === CLOSING_BRACE ? end + 1 : -1;
  }
  const plainEnd = line.indexOf('}', start) + 1;
  if (PLAIN_VALUE.test(line.slice(start, plainEnd))) return plainEnd;
  const nestedStart = line.indexOf('{', start + 1) + 1;
  if (!NESTED_VALUE.test(line.slice(start, nestedStart))) return -1;
  // Rare, and too manifold to look at in passing.
  decodeRecord(line);
  return nestedEnd(line, start);
}

/** The index after the bracket that closes the one at `start`; -1 when there is none. */
function nestedEnd(line: string, start: number): number {
  let depth = 0;
  for (let at = start; at < line.length; at++) {
    const character = line.charCodeAt(at);
    if (character === OPENING_BRACE || character === OPENING_BRACKET) depth++;
    else if ((character === CLOSING_BRACE || character === CLOSING_BRACKET) && --depth === 0) return at + 1;
    else if (character === QUOTE) {
      at = stringEnd(line, at) - 1;
      if (at === -1) return -1;
    }
  }
  return -1;
}
