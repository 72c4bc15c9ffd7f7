import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** What a file of certificates or with a key (PEM) does not hold as it must. The message holds nothing of the file. */
export class PemError extends Error {
  override readonly name = 'PemError';
  /** What would be right, in words. */
  readonly allowed: string;

  constructor(message: string, allowed: string) {
    super(message);
    this.allowed = allowed;
  }
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----(?:(?!-----BEGIN )[\s\S])*?-----END \1-----/g;
const BEGIN = /-----BEGIN ([A-Z0-9 ]+)-----/g;
const CERTIFICATE = /^(?:TRUSTED |X509 )?CERTIFICATE$/;
const KEY = /PRIVATE KEY$/;

const CERTIFICATES_ALLOWED = 'a file with certificates (PEM: -----BEGIN CERTIFICATE-----)';
const KEY_ALLOWED = 'a file with a private key (PEM: -----BEGIN PRIVATE KEY-----) without a passphrase';

const READING: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EISDIR: 'is a folder, not a file',
  EACCES: 'cannot be read: this user has no right to',
  EPERM: 'cannot be read: this user has no right to',
};

interface Block {
  readonly kind: string;
  readonly text: string;
  /** Where it begins: the path, and the line from 1. */
  readonly place: string;
}

/** The text of a file (PEM), and its blocks of one kind. */
interface PemFile {
  readonly text: string;
  readonly blocks: readonly Block[];
}

/**
 * Reads certificates, the first of which is that of a server or client, or of an authority.
 *
 * @throws {PemError} when the file can't be read, holds none, or one that is damaged.
 */
export function readCertificates(path: string): { readonly text: string; readonly certificates: X509Certificate[] } {
  const { text, blocks } = readPem(path, CERTIFICATE, 'certificate', CERTIFICATES_ALLOWED);
  const certificates = blocks.map(({ text: block, place }) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new PemError(`${place} begins a certificate that is damaged (${reasonOf(error)})`, CERTIFICATES_ALLOWED);
    }
  });
  return { text, certificates };
}

/**
 * Reads a private key.
 *
 * @throws {PemError} when the file can't be read, or holds none, one that is damaged, or one that asks for a passphrase.
 */
export function readPrivateKey(path: string): { readonly text: string; readonly key: KeyObject } {
  const { text, blocks } = readPem(path, KEY, 'private key', KEY_ALLOWED);
  const [{ text: block, place }] = blocks as [Block];
  if (/ENCRYPTED/.test(block)) throw new PemError(`${place} begins a private key with a passphrase`, KEY_ALLOWED);
  try {
    return { text, key: createPrivateKey(block) };
  } catch (error) {
    throw new PemError(`${place} begins a private key that is damaged (${reasonOf(error)})`, KEY_ALLOWED);
  }
}

/** The last part of what OpenSSL says: `error:0480006C:PEM routines::no start line` is `no start line`. */
export function reasonOf(error: unknown): string {
  return (error as Error).message.split(':').at(-1)?.trim() ?? '';
}

/** A file with at least one block of a kind. */
function readPem(path: string, wanted: RegExp, name: string, allowed: string): PemFile {
  const text = readText(path, allowed);
  const blocks = [...text.matchAll(BLOCK)].map(([block, kind = '']) => ({ kind, text: block }));
  // Where blocks begin is looked for apart: one that is cut off has no end.
  const begins = [...text.matchAll(BEGIN)].map(({ 1: kind = '', index }) => ({
    kind,
    place: `${path}:${text.slice(0, index).split('\n').length}`,
  }));
  if (begins.length > blocks.length) {
    const { place = path } = begins.find(({ kind }, at) => blocks[at]?.kind !== kind) ?? begins.at(-1) ?? {};
    throw new PemError(`${place} begins a block that does not end`, allowed);
  }
  const found = blocks
    .map((block, at) => ({ ...block, place: begins[at]?.place ?? path }))
    .filter(({ kind }) => wanted.test(kind));
  if (found.length > 0) return { text, blocks: found };
  const other = blocks[0] ? `, but a ${blocks[0].kind.toLowerCase()}` : text.trim() === '' ? ': it is empty' : '';
  throw new PemError(`${path} holds no ${name}${other}`, allowed);
}

function readText(path: string, allowed: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new PemError(`${path} ${READING[code] ?? `cannot be read (${code})`}`, allowed);
  }
}
