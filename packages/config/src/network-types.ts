import * as v from 'valibot';
import type { TypeInfo } from './types.js';

function isHttpUrl(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return false;
  // Credentials belong into a header, where they are known to be secret.
  return url.username === '' && url.password === '';
}

export const httpUrl = v.pipe(
  v.string(),
  v.check(isHttpUrl),
  v.metadata({
    type: 'URL',
    allowed: 'an address that starts with http:// or https:// and holds no user name or password',
    jsonSchema: { type: 'string', format: 'uri', pattern: '^https?://' },
  } satisfies TypeInfo),
);

/** `key=value,key=value`, percent-encoded, as OpenTelemetry's variables have it; `undefined` when it is not that. */
function parsePairs(list: string): Record<string, string> | undefined {
  const pairs: Record<string, string> = {};
  for (const part of list.split(',')) {
    if (part.trim() === '') continue;
    const at = part.indexOf('=');
    if (at < 1) return undefined;
    try {
      const key = decodeURIComponent(part.slice(0, at).trim());
      if (key === '') return undefined;
      pairs[key] = decodeURIComponent(part.slice(at + 1).trim());
    } catch {
      return undefined; // A stray per cent sign: not percent-encoded.
    }
  }
  return pairs;
}

const pairs = v.union([
  v.pipe(
    v.custom<Record<string, string>>((value) => !Array.isArray(value)), // A list would pass for a record.
    v.record(v.string(), v.string()),
  ),
  v.pipe(
    v.string(),
    v.check((list) => parsePairs(list) !== undefined),
    v.transform((list) => parsePairs(list) ?? {}),
  ),
]);

/** A map of texts; in the environment `key=value,key=value`, percent-encoded. */
export const textMap = v.pipe(
  pairs,
  v.metadata({
    type: 'map of texts',
    allowed: 'a map of texts; in the environment key=value,key=value, percent-encoded',
    jsonSchema: { type: 'object', additionalProperties: { type: 'string' } },
  } satisfies TypeInfo),
);

// RFC 9110: a field name is a token; a value holds no line break, or it would be another header.
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** HTTP headers. */
export const headers = v.pipe(
  pairs,
  v.check((map) => Object.entries(map).every(([name, value]) => FIELD_NAME.test(name) && FIELD_VALUE.test(value))),
  v.metadata({
    type: 'map of headers',
    allowed:
      'a map of header names to texts without line breaks; in the environment key=value,key=value, percent-encoded',
    jsonSchema: { type: 'object', additionalProperties: { type: 'string' } },
  } satisfies TypeInfo),
);

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

const ADDRESS = /^(\[[0-9a-fA-F:.]+\]|[0-9A-Za-z_.-]+):(\d{1,5})$/;

function parseAddress(value: string): ListenAddress | 'off' | undefined {
  if (value === 'off') return 'off';
  const [, host, port] = ADDRESS.exec(value) ?? [];
  if (host === undefined || Number(port) > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** `host:port`, or `off`. */
export const listenAddress = v.pipe(
  v.union([v.string(), v.literal(false)]), // YAML 1.1 habits: an unquoted off may come as false.
  v.transform((value) => (value === false ? 'off' : value.trim())),
  v.check((value) => parseAddress(value) !== undefined),
  v.transform((value) => parseAddress(value) ?? 'off'),
  v.metadata({
    type: 'host:port | off',
    allowed: 'host:port, such as 127.0.0.1:9731 or [::1]:9731, or off',
    jsonSchema: { type: 'string' },
  } satisfies TypeInfo),
);
