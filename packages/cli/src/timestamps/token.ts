// Timestamps of RFC 3161: what they say, and whether that holds.
import { hash, X509Certificate } from 'node:crypto';
import { OctetString, type Sequence } from 'asn1js';
import {
  Certificate,
  ContentInfo,
  id_ContentType_SignedData,
  id_eContentType_TSTInfo,
  SignedData,
  type SignerInfo,
  TSTInfo,
} from 'pkijs';
import { TimestampError } from './timestamp-error.js';
import { checkTrust, nameOf } from './trust.js';

const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

/** Hashes by their object identifiers, as far as they are still worth something. */
const HASHES: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** Signatures that are made with SHA-1. */
const WEAK_SIGNATURES = ['1.2.840.113549.1.1.5', '1.2.840.10045.4.1'];

const WEAK = 'it is made with a hash that proves nothing any more';

/** What a timestamp says. */
export interface Timestamp {
  /** When what it is of was there at the latest. */
  readonly time: Date;
  /** Object identifier of the policy that it was given under. */
  readonly policy: string;
  /** Hex. */
  readonly serial: string;
  /** Hex; `undefined` where it holds none. */
  readonly nonce: string | undefined;
  /** Subject of the certificate that signed it. */
  readonly authority: string;
}

/**
 * What a timestamp says of a text, if it is right: of that very text, signed by a certificate that is for nothing else,
 * and that led to a trusted one at that time.
 *
 * @param token DER.
 * @param trusted see {@link checkTrust}.
 * @throws {TimestampError} when anything is wrong with it.
 */
export async function verifyToken(
  token: Uint8Array,
  text: string,
  trusted: readonly X509Certificate[],
): Promise<Timestamp> {
  const { signedData, info } = parse(token);
  checkImprint(info, text);
  const [signer, ...more] = signedData.signerInfos;
  if (!signer || more.length > 0) throw new TimestampError('it is not signed by exactly one authority');
  const embedded = (signedData.certificates ?? []).filter((each) => each instanceof Certificate);
  const { digestAlgorithm, signatureAlgorithm } = signer;
  if (!HASHES[digestAlgorithm.algorithmId] || WEAK_SIGNATURES.includes(signatureAlgorithm.algorithmId)) {
    throw new TimestampError(WEAK);
  }
  // An authority that does not send its certificate along has to be among those that are trusted.
  signedData.certificates = [...embedded, ...trusted.map(({ raw }) => Certificate.fromBER(raw))];
  const found = await signedCertificate(signedData, text);
  const certificate = x509(found);
  checkSignedAttributes(signer, certificate);
  checkPurpose(found, certificate);
  checkTrust(certificate, trusted, embedded.map(x509), info.genTime);
  return {
    time: info.genTime,
    policy: info.policy,
    serial: hexOf(info.serialNumber),
    nonce: info.nonce && hexOf(info.nonce),
    authority: nameOf(certificate),
  };
}

function parse(token: Uint8Array): { signedData: SignedData; info: TSTInfo } {
  try {
    const content = ContentInfo.fromBER(token);
    if (content.contentType !== id_ContentType_SignedData) throw new Error('another kind of content');
    const signedData = new SignedData({ schema: content.content });
    const { eContent, eContentType } = signedData.encapContentInfo;
    if (eContentType !== id_eContentType_TSTInfo || !eContent) throw new Error('another kind of content');
    return { signedData, info: TSTInfo.fromBER(eContent.getValue()) };
  } catch {
    throw new TimestampError('it is no timestamp (RFC 3161)');
  }
}

function checkImprint({ messageImprint }: TSTInfo, text: string): void {
  const { hashAlgorithm, hashedMessage } = messageImprint;
  const algorithm = HASHES[hashAlgorithm.algorithmId];
  if (algorithm === undefined) throw new TimestampError(WEAK);
  const said = Buffer.from(hashedMessage.valueBlock.valueHexView).toString('hex');
  if (hash(algorithm, text) !== said) throw new TimestampError('it is of something else: the hash in it is another');
}

/** The certificate whose key signed it. */
async function signedCertificate(signedData: SignedData, text: string): Promise<Certificate> {
  try {
    const data = Uint8Array.from(Buffer.from(text)).buffer;
    const { signatureVerified, signerCertificate } = await signedData.verify({ signer: 0, data, extendedMode: true });
    if (signatureVerified && signerCertificate) return signerCertificate;
  } catch (error) {
    const { signerCertificate } = error as { signerCertificate?: unknown };
    if (!signerCertificate) throw new TimestampError('the certificate that signed it is not among those at hand');
    // What else can be wrong comes to the same: those bytes were not signed by that key.
  }
  throw new TimestampError('its signature is wrong');
}

/** What is signed has to say what it is, and by which certificate: else it could stand for something else. */
function checkSignedAttributes({ signedAttrs }: SignerInfo, { raw }: X509Certificate): void {
  const values = (type: string): unknown => signedAttrs?.attributes.find((each) => each.type === type)?.values[0];
  const contentType = values(CONTENT_TYPE) as { valueBlock: { toString(): string } } | undefined;
  if (contentType?.valueBlock.toString() !== id_eContentType_TSTInfo) {
    throw new TimestampError('what is signed does not say that it is a timestamp');
  }
  const [v1, v2] = [values(SIGNING_CERTIFICATE), values(SIGNING_CERTIFICATE_V2)] as (Sequence | undefined)[];
  const named = v2 ? certificateHash(v2, 'sha256') : v1 && certificateHash(v1, 'sha1');
  if (!named || hash(named.algorithm, raw) !== named.hash) {
    throw new TimestampError('what is signed does not name the certificate of its authority');
  }
}

/** The first certificate that the attribute names (RFC 5035). */
function certificateHash(attribute: Sequence, usual: string): { algorithm: string; hash: string } | undefined {
  try {
    const [list] = attribute.valueBlock.value as [Sequence];
    const [first] = list.valueBlock.value as [Sequence];
    const members = first.valueBlock.value;
    const digest = members.find((member) => member instanceof OctetString);
    const algorithm = members[0] instanceof OctetString ? usual : HASHES[algorithmOf(members[0] as Sequence)];
    if (!digest || algorithm === undefined) return undefined;
    return { algorithm, hash: Buffer.from(digest.valueBlock.valueHexView).toString('hex') };
  } catch {
    // It is of another form.
    return undefined;
  }
}

function algorithmOf({ valueBlock }: Sequence): string {
  return String(valueBlock.value[0]?.valueBlock.toString());
}

/** RFC 3161, 2.3: a key that signs timestamps signs nothing else, and its certificate has to say so. */
function checkPurpose(found: Certificate, { keyUsage }: X509Certificate): void {
  const isCritical = found.extensions?.find(({ extnID }) => extnID === EXTENDED_KEY_USAGE)?.critical === true;
  if (isCritical && keyUsage?.length === 1 && keyUsage[0] === TIME_STAMPING) return;
  throw new TimestampError('the certificate that signed it is not for timestamps alone');
}

function x509(certificate: Certificate): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(certificate.toSchema().toBER()));
  } catch {
    throw new TimestampError('a certificate in it is none');
  }
}

function hexOf({ valueBlock }: { valueBlock: { valueHexView: Uint8Array } }): string {
  return Buffer.from(valueBlock.valueHexView).toString('hex');
}
