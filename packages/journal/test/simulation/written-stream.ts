import { hash, randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { createVerifier } from '@botaudit/record';
import { readRaw } from '../../src/index.js';
import { SampleChain } from '../sample.js';

/** A line as whoever wrote it knows it. */
interface Line {
  readonly text: string;
  /** Whether it has to be there after the end of the process, whatever that was. */
  isSafe: boolean;
  /** Whether it has to be there after the loss of power. */
  isSynced: boolean;
  /** Whether it was reported that it may not be. */
  isDoubtful: boolean;
}

/** A stream as whoever wrote it knows it. */
export class WrittenStream {
  readonly id = randomUUID();
  readonly chain = new SampleChain(this.id);
  readonly lines: Line[] = [];
  /** The line whose append has not returned. */
  pending: string | undefined;

  get hasDoubts(): boolean {
    return this.lines.some(({ isDoubtful }) => isDoubtful);
  }

  /** Of the lines that are neither synced nor in doubt, the last ones are reported to be so. */
  doubt(count: number): void {
    const unsettled = this.lines.filter(({ isSynced, isDoubtful }) => !isSynced && !isDoubtful);
    if (count > unsettled.length) throw new Error(`${count} lines reported as unsynced, ${unsettled.length} can be`);
    for (const line of unsettled.slice(-count)) line.isDoubtful = true;
  }

  settle(what: 'isSafe' | 'isSynced'): void {
    for (const line of this.lines) if (!line.isDoubtful) line[what] = true;
  }
}

/** What verification finds wrong with a stream. */
export function errorsIn(streamDirectory: string): string[] {
  const verifier = createVerifier({ sha256: (text) => hash('sha256', text) });
  const stream = basename(streamDirectory);
  for (const { text, terminated, defect } of readRaw(streamDirectory)) {
    verifier.push({
      stream,
      exclusive: true,
      line: text,
      terminated,
      ...(defect && defect !== 'unreadable' && { defect }),
    });
  }
  verifier.endOfStream(stream);
  const { findings } = verifier.finish();
  return findings
    .filter(({ severity }) => severity === 'error')
    .map(({ kind, message }) => `verify: ${kind}: ${message}`);
}
