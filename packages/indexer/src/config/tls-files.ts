import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { PemError, readCertificates, readPrivateKey, reasonOf } from './pem.js';

/** Files (PEM) for TLS. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  /** Authority of the certificates that senders must show; without it they need none. */
  readonly clientCa?: string | undefined;
}

/** Which of {@link TlsFiles} can't be used, and why. */
export class TlsFilesError extends Error {
  override readonly name = 'TlsFilesError';
  /** The option that names the file. */
  readonly key: string;
  /** What would be right, in words. */
  readonly allowed: string;

  constructor(key: string, { message, allowed }: Pick<PemError, 'message' | 'allowed'>) {
    super(message);
    this.key = key;
    this.allowed = allowed;
  }
}

/**
 * Reads the files of a server, and checks that they can serve together.
 *
 * @throws {TlsFilesError} when one can't be read, does not hold what it must, or does not fit the others.
 */
export function readTlsFiles({ certificate, key, clientCa }: TlsFiles): SecureContextOptions {
  const chain = named('receiver.certificate', () => readCertificates(certificate));
  const own = named('receiver.key', () => readPrivateKey(key));
  const authority = clientCa === undefined ? undefined : named('receiver.client_ca', () => readCertificates(clientCa));
  const [leaf] = chain.certificates;
  if (!leaf?.checkPrivateKey(own.key)) {
    const allowed = 'the key of the first certificate of receiver.certificate';
    throw new TlsFilesError('receiver.key', {
      message: `${key} does not fit the certificate in ${certificate} (${leaf?.subject.replaceAll('\n', ', ')})`,
      allowed,
    });
  }
  const options: SecureContextOptions = {
    cert: chain.text,
    key: own.text,
    ...(authority && { ca: authority.text }),
    minVersion: 'TLSv1.2',
  };
  try {
    createSecureContext(options);
  } catch (error) {
    // Such as a key that is too short to be safe.
    throw new TlsFilesError('receiver.certificate', {
      message: `${certificate} can't be used for TLS (${reasonOf(error)})`,
      allowed: 'a certificate and key that OpenSSL takes for TLS 1.2 and newer',
    });
  }
  return options;
}

function named<T>(key: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof PemError ? new TlsFilesError(key, error) : error;
  }
}
