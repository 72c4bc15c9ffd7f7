import { createVerifier, type Report, type VerifierOptions } from '../src/index.js';
import { Signer } from './signer.js';
import { aRecord, Stream, sha256 } from './streams.js';

/** A stream's folder: its lines, and those of its checkpoints. */
export interface Folder {
  readonly id: string;
  records: string[];
  checkpoints: string[];
}

/** A stream of nine records whose process made checkpoints at records 1, 5 and, where it is closed, 9. */
export function signedStream({
  signer = new Signer(),
  open = false,
} = {}): Folder & { signer: Signer; stream: Stream } {
  const stream = new Stream();
  const checkpoints: string[] = [];
  for (let number = 1; number <= 9; number++) {
    stream.append(aRecord(), number === 9 && !open);
    if (number === 1 || number === 5 || (number === 9 && !open)) checkpoints.push(signer.line(stream));
  }
  return { id: stream.id, records: [...stream.lines], checkpoints, signer, stream };
}

/** Verifies folders as a journal's: all checkpoints first, then the streams, newest first. */
export function verifyFolders(folders: readonly Folder[], options: VerifierOptions = {}): Report {
  const verifier = createVerifier({ sha256, ...options });
  for (const holds of ['checkpoints', 'records'] as const) {
    for (const { id, ...lines } of folders) {
      for (const line of lines[holds]) verifier.push({ stream: id, exclusive: true, holds, line, terminated: true });
      verifier.endOfStream(id);
    }
  }
  return verifier.finish();
}

/** Findings in short: `removed 6-9`, `checkpoint seq`; notices in parentheses. */
export function brief({ findings }: Report): string[] {
  return findings.map(({ kind, severity, number, lastNumber, checkpoint }) => {
    const numbers = lastNumber === undefined ? number : `${number}-${lastNumber}`;
    const text = [kind, checkpoint?.defect ?? numbers].filter((part) => part !== undefined).join(' ');
    return severity === 'notice' ? `(${text})` : text;
  });
}
