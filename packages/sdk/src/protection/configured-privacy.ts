import { createSecretKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ConfigProblem } from '@botaudit/config';
import type { ProtectionConfig } from '../config/protection-config.js';
import { Encryption } from './encryption.js';
import { Privacy } from './privacy.js';
import { PseudonymKeyError, Pseudonyms, parsePseudonymKeys } from './pseudonyms.js';
import { type Recipient, RecipientError, readRecipient } from './recipients.js';

/** What the configuration of protection came to, with the keys that it names. */
export interface ConfiguredPrivacy {
  readonly privacy: Privacy;
  /** Keys that are of no use: what was to be protected by them is masked, or has pseudonyms for this run alone. */
  readonly problems: readonly ConfigProblem[];
  /** As it is put on record: what is done, and by which keys; never a key. */
  readonly said: Readonly<Record<string, unknown>>;
}

/** Reads the keys that the configuration names. Never throws. */
export function configuredPrivacy({ detect, fields, pseudonym, encrypt }: ProtectionConfig): ConfiguredPrivacy {
  const problems: ConfigProblem[] = [];
  const pseudonyms = pseudonymsOf(pseudonym, problems);
  const encryption = encryptionOf(encrypt.recipients, problems);
  return {
    privacy: new Privacy({ detect, fields, pseudonyms, encryption }),
    problems,
    said: {
      detect: detect.length > 0 ? detect : undefined,
      fields: Object.keys(fields).length > 0 ? fields : undefined,
      pseudonym_key: pseudonyms?.keyName,
      encrypted_to: encryption?.kids,
    },
  };
}

const ALLOWED_KEY = 'lines of <name>:<32 bytes in base64url>, as botaudit keys new pseudonym writes them';

function pseudonymsOf(
  { key, keyFile }: ProtectionConfig['pseudonym'],
  problems: ConfigProblem[],
): Pseudonyms | undefined {
  if (key === undefined && keyFile === undefined) return undefined;
  try {
    return new Pseudonyms(parsePseudonymKeys(key ?? readFileSync(keyFile as string, 'utf8')));
  } catch (error) {
    const what = error instanceof PseudonymKeyError ? error.message : unreadable(error);
    problems.push({
      key: key === undefined ? 'protection.pseudonym.key_file' : 'protection.pseudonym.key',
      problem: key === undefined ? `${keyFile} ${what}` : what,
      allowed: ALLOWED_KEY,
    });
    // Ids that were to be hidden are not shown: nobody can compute these, and they hold for this run alone.
    return new Pseudonyms([{ name: 'lost', secret: createSecretKey(randomBytes(32)) }]);
  }
}

const ALLOWED_RECIPIENT =
  'files with a public key of X25519 or P-256 (JWK, or PEM), as botaudit keys new encryption writes it';

function encryptionOf(files: readonly string[], problems: ConfigProblem[]): Encryption | undefined {
  const recipients: Recipient[] = [];
  const report = (problem: string) =>
    problems.push({ key: 'protection.encrypt.recipients', problem, allowed: ALLOWED_RECIPIENT });
  for (const named of files) {
    const [, file = named, pin] = /^(.+)#([\w-]{43})$/.exec(named) ?? [];
    try {
      const recipient = readRecipient(readFileSync(file, 'utf8'), pin);
      if (recipients.some(({ kid }) => kid === recipient.kid))
        report(`${file} holds a key that another file has given`);
      else recipients.push(recipient);
    } catch (error) {
      report(`${file} ${error instanceof RecipientError ? error.message : unreadable(error)}`);
    }
  }
  // Half of those that were meant would be another circle of readers.
  return recipients.length > 0 && recipients.length === files.length ? new Encryption(recipients) : undefined;
}

function unreadable(error: unknown): string {
  return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`;
}
