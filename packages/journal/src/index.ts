export type { AcknowledgedBy } from './acknowledged.js';
export type { AdoptableStream } from './adoption.js';
export { Adoption, adoptable } from './adoption.js';
export { archivedThrough, noteArchived } from './archived.js';
export {
  acknowledgeCheckpoint,
  CheckpointFile,
  readCheckpointLines,
  unacknowledgedCheckpoints,
} from './checkpoint-file.js';
export type { ChooseDirectoryOptions, ChosenDirectory, DirectoryKind } from './choose-directory.js';
export { chooseDirectory, makeJournalFolder } from './choose-directory.js';
export type { Cursor } from './cursor.js';
export { cursorAfter, loadCursor, saveCursor } from './cursor.js';
export { JournalFormatError, JournalReadError, JournalWriteError } from './errors.js';
export {
  CHECKPOINTS_FILE,
  compressedName,
  listSegments,
  MAX_LINE_BYTES,
  STREAM_INFO_FILE,
  segmentName,
  TIMESTAMPS_FILE,
} from './layout.js';
export type { FoundLine } from './line-splitter.js';
export { LineSplitter } from './line-splitter.js';
export { MemoryRing } from './memory-ring.js';
export type { RawLine, RawOptions } from './raw.js';
export { readRaw, readRawFile, readRawSegment, segmentEnds, segmentSize } from './raw.js';
export type { ReadFrom, ReadLine, Skipped } from './reader.js';
export { StreamReader } from './reader.js';
export type { Recovery } from './recovery.js';
export { recoverStream, recoverySteps } from './recovery.js';
export type { RemovalReason, RemovedSegments, SegmentEnds } from './removal-log.js';
export { endsOf } from './removal-log.js';
export type { RetentionOptions, RetentionReport, RetentionRules } from './retention.js';
export { enforceLimits } from './retention.js';
export type { Loss } from './sink.js';
export type { JournalLimits } from './space.js';
export { DEFAULT_LIMITS, isNetworkFileSystem } from './space.js';
export type { StreamInfo, StreamProblem } from './stream-info.js';
export type { Liveness, StreamEntry } from './streams.js';
export { isAlive, listStreams, liveness } from './streams.js';
export type { CheckpointTimestamp } from './timestamp-file.js';
export { addTimestamp, readTimestamps } from './timestamp-file.js';
export type { StreamTip } from './tip.js';
export { readTip } from './tip.js';
export { journalBytes } from './usage.js';
export type { AppendOptions, Durability, JournalWriterOptions } from './writer.js';
export { JournalWriter } from './writer.js';
