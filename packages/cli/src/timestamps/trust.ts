import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Failure } from '../failure.js';
import { TimestampError } from './timestamp-error.js';

/** More authorities between a timestamp's certificate and one that is trusted are none that a person set up. */
const LONGEST_CHAIN = 8;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The certificates in files (PEM) that timestamps have to lead to.
 *
 * @throws {Failure} when one can't be read, or holds none.
 */
export function readAuthorities(paths: readonly string[]): X509Certificate[] {
  return paths.flatMap((path) => {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      throw new Failure(`${path} can't be read (${(error as NodeJS.ErrnoException).code})`);
    }
    const found = text.match(CERTIFICATE) ?? [];
    if (found.length === 0) throw new Failure(`${path} holds no certificate (PEM)`);
    try {
      return found.map((pem) => new X509Certificate(pem));
    } catch {
      throw new Failure(`${path} holds a certificate that is none`);
    }
  });
}

/**
 * Follows a certificate up to one that is trusted. All of them have to be valid at the time of the timestamp: what expired
 * since has signed it while it was not (RFC 3161, appendix B). Revocation is not looked up.
 *
 * @param others certificates that came with the timestamp.
 * @throws {TimestampError} when none leads there.
 */
export function checkTrust(
  certificate: X509Certificate,
  trusted: readonly X509Certificate[],
  others: readonly X509Certificate[],
  at: Date,
): void {
  const reasons: string[] = [];
  const leads = (current: X509Certificate, depth: number): boolean => {
    const outside = outsideOfValidity(current, at);
    if (outside !== undefined) {
      reasons.push(outside);
      return false;
    }
    if (trusted.some(({ raw }) => raw.equals(current.raw))) return true;
    if (depth === LONGEST_CHAIN) return false;
    // Those that are trusted first: whoever sends a timestamp can send anything along with it.
    return [...trusted, ...others].some((issuer) => isIssuedBy(current, issuer) && leads(issuer, depth + 1));
  };
  if (leads(certificate, 1)) return;
  throw new TimestampError(
    reasons[0] ?? `the certificate of the authority, ${nameOf(certificate)}, leads to none that is trusted`,
  );
}

/** What the subject of a certificate is called, for people. */
export function nameOf({ subject }: X509Certificate): string {
  return subject?.replaceAll('\n', ', ') || 'without a name';
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  if (!issuer.ca || issuer.raw.equals(certificate.raw) || !certificate.checkIssued(issuer)) return false;
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    // A key of a kind that this Node does not know has signed nothing that could be checked.
    return false;
  }
}

function outsideOfValidity(certificate: X509Certificate, at: Date): string | undefined {
  const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  if (at < from) return `the certificate ${nameOf(certificate)} was not valid before ${from.toISOString()}`;
  if (at > to) return `the certificate ${nameOf(certificate)} had expired, on ${to.toISOString()}`;
  return undefined;
}
