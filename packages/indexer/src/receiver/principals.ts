import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import type { Sender } from '../intake.js';
import { Senders, words } from '../senders.js';

/** Who may send, and how that is shown. */
export interface PrincipalOptions {
  /** Tokens of each principal, parted by white space. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Folder with a file for each principal, named like it, with its tokens. */
  readonly tokensDirectory?: string | undefined;
  /** Which services a principal speaks for, parted by white space; `*` stands for anything. Default: its own name. */
  readonly services: Readonly<Record<string, string>>;
  /** Whether senders show a certificate; then it names the principal where there are no tokens. */
  readonly certificates: boolean;
}

/** A shorter one could be guessed. */
const MIN_TOKEN_LENGTH = 16;

/** Who may send is not configured as it must be. The message holds no token. */
export class PrincipalsError extends Error {
  override readonly name = 'PrincipalsError';
}

const BEARER = /^bearer +(\S+)$/i;

/** Knows senders by their bearer token, or by their client certificate. */
export class Principals {
  readonly #options: PrincipalOptions;
  readonly #senders: Senders;
  /** Principals by the hash of a token: a look-up by the token itself would tell by its time how much of it is right. */
  #byToken: ReadonlyMap<string, string>;

  /**
   * @throws {PrincipalsError} when a token is too short, or is that of two principals, or the folder of tokens can't be
   * read.
   */
  constructor(options: PrincipalOptions) {
    this.#options = options;
    this.#senders = new Senders(options.services);
    this.#byToken = readTokens(options);
  }

  /** Whether anybody could be known at all. */
  get isEmpty(): boolean {
    return this.#byToken.size === 0 && !this.#options.certificates;
  }

  /**
   * Reads the folder of tokens again.
   *
   * @throws as the constructor does; the tokens that were known stay valid then.
   */
  reload(): void {
    this.#byToken = readTokens(this.#options);
  }

  /** Who sends a request; `undefined` when that is not shown. */
  identify(request: IncomingMessage): Sender | undefined {
    const principal = this.#byToken.size > 0 ? this.#ofToken(request) : ofCertificate(request);
    return principal === undefined ? undefined : this.#senders.of(principal);
  }

  #ofToken(request: IncomingMessage): string | undefined {
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    return token === undefined ? undefined : this.#byToken.get(hash('sha256', token));
  }
}

function ofCertificate(request: IncomingMessage): string | undefined {
  const { authorized, getPeerCertificate } = request.socket as Partial<TLSSocket>;
  if (authorized !== true || !getPeerCertificate) return undefined;
  const { CN } = getPeerCertificate.call(request.socket).subject ?? {};
  return Array.isArray(CN) ? CN[0] : CN;
}

function readTokens({ tokens, tokensDirectory }: PrincipalOptions): Map<string, string> {
  const found = new Map<string, string>();
  const add = (principal: string, text: string, place: string) => {
    for (const token of words(text)) {
      if (token.length < MIN_TOKEN_LENGTH) {
        throw new PrincipalsError(`${place}: a token of ${principal} is shorter than ${MIN_TOKEN_LENGTH} characters`);
      }
      const key = hash('sha256', token);
      const other = found.get(key);
      if (other !== undefined && other !== principal) {
        throw new PrincipalsError(`${place}: ${other} and ${principal} have the same token; each needs its own`);
      }
      found.set(key, principal);
    }
  };
  for (const [principal, text] of Object.entries(tokens)) add(principal, text, 'receiver.tokens');
  if (tokensDirectory === undefined) return found;
  for (const entry of readable(() => readdirSync(tokensDirectory))) {
    // Kubernetes keeps what a folder shows in hidden ones beside it.
    if (entry.startsWith('.')) continue;
    const file = join(tokensDirectory, entry);
    add(
      entry,
      readable(() => readFileSync(file, 'utf8')),
      file,
    );
  }
  return found;
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const allowed = 'a folder of files, each named like a principal, with its tokens';
    throw new PrincipalsError(`receiver.tokens_directory: ${(error as Error).message}; allowed: ${allowed}`);
  }
}
