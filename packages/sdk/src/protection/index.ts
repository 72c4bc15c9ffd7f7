// What auditors need to make keys, to find pseudonyms and to decrypt; a bot loads nothing of it by this way.
export type { Decrypted, DecryptionKey } from './decryption.js';
export { DecryptionKeyError, decrypt, readDecryptionKeys } from './decryption.js';
export { Encryption } from './encryption.js';
export type { Curve } from './key-agreement.js';
export { newPair, publicJwk, thumbprintOf } from './key-agreement.js';
export { PseudonymKeyError, Pseudonyms, parsePseudonymKeys, pseudonymKeyLine } from './pseudonyms.js';
export type { Recipient } from './recipients.js';
export { RecipientError, readRecipient } from './recipients.js';
