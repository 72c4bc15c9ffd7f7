export * from './attributes.js';
export { canonicalRecord, jcs, MAX_RECORD_BYTES } from './canonical.js';
export type { EventDefinition, EventName } from './catalogue.js';
export { CATALOGUE, eventDefinition } from './catalogue.js';
export type { ChainTip } from './chain.js';
export { Chain } from './chain.js';
export type { Checkpoint, CheckpointTip } from './checkpoint/checkpoint.js';
export { canonicalCheckpoint, NO_CHECKPOINT_HASH, parseCheckpoint } from './checkpoint/checkpoint.js';
export type { CheckpointEntry } from './checkpoint/checkpoint-record.js';
export {
  checkpointEntryOf,
  checkpointRecord,
  isCheckpointLine,
  isCheckpointRecord,
} from './checkpoint/checkpoint-record.js';
export type { CheckpointDefect, CheckpointFinding } from './checkpoint/finding.js';
export type { PublicKey } from './checkpoint/public-key.js';
export { keyIdOf, publicKeyBytes } from './checkpoint/public-key.js';
export type { CheckpointPlace, SignedCheckpoint } from './checkpoint/sequence.js';
export type {
  CheckpointOptions,
  CheckpointOptionsAsync,
  CheckpointsReport,
  IndexedCheckpointFinding,
} from './checkpoint/verify-checkpoints.js';
export { verifyCheckpoints, verifyCheckpointsAsync } from './checkpoint/verify-checkpoints.js';
export type { VerifySignature, VerifySignatureAsync } from './checkpoint/verify-signature.js';
export { fromEpochMillis, recordFromDocument } from './document.js';
export { CheckpointFormatError, PublicKeyError, RecordFormatError } from './errors.js';
export type {
  ActorType,
  Assurance,
  AttributeMap,
  AttributeValue,
  AuditRecord,
  Direction,
  Outcome,
  Risk,
  Written,
} from './model.js';
export { attributesFromOtlp, recordFromOtlp } from './otlp.js';
export { decodeRecord, parseRecord } from './parse.js';
export { toPlain } from './plain.js';
export type { Sha256 } from './sha256.js';
export { sha256Hex } from './sha256.js';
export type { Recovery, StreamTip, Testimony } from './tips.js';
export { openedBody, recoveredBody, retentionBody } from './tips.js';
export type { Finding, FindingKind, Report } from './verify/finding.js';
export type { LinePlace } from './verify/line-place.js';
export type { LineRead, VerifierLine } from './verify/line-reader.js';
export { createLineReader } from './verify/line-reader.js';
export type { Link } from './verify/link.js';
export type { Verifier, VerifierOptions } from './verify/verifier.js';
export { createVerifier } from './verify/verifier.js';
