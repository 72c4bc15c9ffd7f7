import { hash } from 'node:crypto';
import {
  type FoundLine,
  JournalFormatError,
  JournalReadError,
  LineSplitter,
  readRaw,
  type StreamEntry,
  segmentName,
} from '@botaudit/journal';
import { createVerifier, type Finding, MAX_RECORD_BYTES, type Verifier } from '@botaudit/record';

/** A finding of verification, or (`unchecked`) something that could not be read and so was not verified. */
export type CheckFinding = Omit<Finding, 'kind'> & { readonly kind: Finding['kind'] | 'unchecked' };

/** What a check came to; what `verify --json` prints. */
export interface CheckReport {
  /** Whether everything was checked, and nothing is wrong. */
  readonly intact: boolean;
  /** Whether signatures vouch for the chain. */
  readonly signed: boolean;
  /** Streams of which a record was seen. */
  readonly streams: number;
  readonly records: number;
  readonly findings: readonly CheckFinding[];
  /** Findings beyond those listed; absent where all are. */
  readonly omitted?: number;
}

/** Verifies records while they are read, and keeps what could not be read apart from what is wrong. */
export class Check {
  readonly #verifier: Verifier;
  readonly #unchecked: CheckFinding[] = [];

  /** @param complete whether all streams that belong together are fed, so that one which is named must be there. */
  constructor(complete: boolean) {
    this.#verifier = createVerifier({ sha256: (text) => hash('sha256', text), complete });
  }

  /** Takes in a stream from its folder. */
  stream({ streamId, directory }: Pick<StreamEntry, 'streamId' | 'directory'>): void {
    let segment: number | undefined;
    let place = 0;
    try {
      for (const line of readRaw(directory)) {
        place = line.segment === segment ? place + 1 : 1;
        segment = line.segment;
        if (line.defect === 'unreadable') {
          this.#leaveOut(streamId, line.reason ?? `${line.path} cannot be read`);
          continue;
        }
        const { text, terminated, defect } = line;
        const position = segment === undefined ? undefined : `${segmentName(segment)}, line ${place}`;
        this.#verifier.push({ stream: streamId, exclusive: true, line: text, terminated, defect, position });
      }
    } catch (error) {
      if (!(error instanceof JournalFormatError || error instanceof JournalReadError)) throw error;
      this.#leaveOut(streamId, error.message);
    }
    this.#verifier.endOfStream(streamId);
  }

  /** Takes in records of any streams, one a line. Throws what reading throws. */
  async lines(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const splitter = new LineSplitter(0, MAX_RECORD_BYTES);
    let place = 0;
    const push = ({ text, terminated, defect }: FoundLine) => {
      place++;
      this.#verifier.push({ stream: name, line: text, terminated, defect, position: `line ${place}` });
    };
    for await (const chunk of chunks) splitter.push(chunk).forEach(push);
    const rest = splitter.end();
    if (rest) push(rest);
    this.#verifier.endOfStream(name);
  }

  /** All was taken in. */
  finish(): CheckReport {
    const { intact, signed, streams, records, findings, omitted } = this.#verifier.finish();
    return {
      intact: intact && this.#unchecked.length === 0,
      signed,
      streams,
      records,
      findings: [...findings, ...this.#unchecked],
      ...(omitted > 0 && { omitted }),
    };
  }

  #leaveOut(stream: string, message: string): void {
    this.#unchecked.push({ stream, kind: 'unchecked', severity: 'error', message });
  }
}

/** Whether anything is wrong for certain: not merely with streams of which a part could not be read. */
export function isWrong({ findings, omitted }: CheckReport): boolean {
  const unchecked = new Set(findings.filter(({ kind }) => kind === 'unchecked').map(({ stream }) => stream));
  const wrong = ({ severity, stream }: CheckFinding) => severity === 'error' && !unchecked.has(stream);
  return findings.some(wrong) || (omitted ?? 0) > 0;
}
