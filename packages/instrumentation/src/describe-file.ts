import { hash } from 'node:crypto';
import { basename } from 'node:path';
import type { AttributeMap } from '@botaudit/record';

/** `data:<type>;base64,<content>`; the comma ends what is looked at. */
const DATA_URI = /^data:([\w.+-]{1,64}\/[\w.+-]{1,64})?(?:;[^,]{0,128})?,/i;

/**
 * What stands for a file in place of its content: `{name, type, size, sha256}`, as far as they are known without reading
 * it. A stream is never touched.
 *
 * @returns `undefined` for what is no file: neither bytes, a `Blob`, a stream, nor a text that holds a file as `data:`.
 */
export function describeFile(value: string | object): AttributeMap | undefined {
  if (typeof value === 'string') return value.startsWith('data:') ? describeDataUri(value) : undefined;
  if (Array.isArray(value)) return undefined;
  if (ArrayBuffer.isView(value)) return describeBytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (value instanceof ArrayBuffer) return describeBytes(new Uint8Array(value));
  if (value instanceof Blob)
    return named((value as Blob & { name?: unknown }).name, { type: value.type, size: value.size });
  return isStream(value) ? named((value as { path?: unknown }).path, { stream: true }) : undefined;
}

/** A text that is the content of a file. */
export function describeText(content: string): AttributeMap {
  return { size: Buffer.byteLength(content), sha256: hash('sha256', content) };
}

/** Bytes in base64. */
export function describeBase64(content: string): AttributeMap {
  return describeBytes(Buffer.from(content, 'base64'));
}

function describeBytes(bytes: Uint8Array): AttributeMap {
  return { size: bytes.byteLength, sha256: hash('sha256', bytes) };
}

function describeDataUri(uri: string): AttributeMap | undefined {
  const [head, type] = DATA_URI.exec(uri) ?? [];
  if (head === undefined) return undefined;
  const content = uri.slice(head.length);
  const described = /;base64,$/i.test(head) ? describeBase64(content) : describeText(content);
  return { ...(type !== undefined && { type }), ...described };
}

function named(path: unknown, known: AttributeMap): AttributeMap {
  if (known.type === '') delete known.type;
  return typeof path === 'string' && path !== '' ? { name: basename(path), ...known } : known;
}

function isStream(value: object): boolean {
  const { pipe, getReader } = value as { readonly pipe?: unknown; readonly getReader?: unknown };
  return typeof pipe === 'function' || typeof getReader === 'function' || Symbol.asyncIterator in value;
}
