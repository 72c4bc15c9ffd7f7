import { publicKeyInfo } from './public-key.js';

/**
 * Whether `signature`, 64 bytes, is the Ed25519 signature (RFC 8032) of `message` under `publicKey`, 32 bytes. Default
 * where Node.js is: its own `crypto.verify`.
 */
export type VerifySignature = (message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array) => boolean;

/** The same where the answer has to be waited for. Default: Web Crypto, which browsers and Node.js have. */
export type VerifySignatureAsync = (...args: Parameters<VerifySignature>) => boolean | Promise<boolean>;

/*
 * What Ed25519 takes is not in ECMAScript, and this package imports nothing: it is asked for by way of globals, where it
 * is needed, so that everything else runs without.
 */
interface Globals {
  readonly process?: { readonly getBuiltinModule?: (name: 'node:crypto') => NodeCrypto | undefined };
  readonly crypto?: { readonly subtle?: WebCrypto };
}

interface NodeCrypto {
  verify(algorithm: null, message: Uint8Array, key: NodeKey, signature: Uint8Array): boolean;
  createPublicKey(key: { key: Uint8Array; format: 'der'; type: 'spki' }): NodeKey;
}
type NodeKey = { readonly asymmetricKeyType?: string };

interface WebCrypto {
  importKey(
    format: 'raw',
    key: Uint8Array,
    algorithm: 'Ed25519',
    extractable: false,
    uses: ['verify'],
  ): Promise<object>;
  verify(algorithm: 'Ed25519', key: object, signature: Uint8Array, message: Uint8Array): Promise<boolean>;
}

/** @throws {TypeError} where there is none. */
export function defaultVerifySignature(): VerifySignature {
  const crypto = (globalThis as Globals).process?.getBuiltinModule?.('node:crypto');
  if (!crypto?.verify) throw new TypeError('Nothing here verifies Ed25519 at once: pass verifySignature');
  let known: { readonly bytes: Uint8Array; readonly key: NodeKey } | undefined;
  return (message, signature, bytes) => {
    // One key signs many checkpoints, and making it takes as long as using it.
    if (known?.bytes !== bytes) {
      known = { bytes, key: crypto.createPublicKey({ key: publicKeyInfo(bytes), format: 'der', type: 'spki' }) };
    }
    return crypto.verify(null, message, known.key, signature);
  };
}

/** @throws {TypeError} where there is none. */
export function defaultVerifySignatureAsync(): VerifySignatureAsync {
  const subtle = (globalThis as Globals).crypto?.subtle;
  if (!subtle) throw new TypeError('Nothing here verifies Ed25519: pass verifySignature');
  return async (message, signature, bytes) => {
    const key = await subtle.importKey('raw', bytes, 'Ed25519', false, ['verify']);
    return subtle.verify('Ed25519', key, signature, message);
  };
}
