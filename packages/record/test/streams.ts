import { hash, randomUUID } from 'node:crypto';
import type { AttributeMap, AuditRecord, Finding, Report, VerifierOptions } from '../src/index.js';
import { Chain, createVerifier } from '../src/index.js';

export const sha256 = (text: string): string => hash('sha256', text);

/** A record of no particular content, told from all others by its id. */
export function aRecord(attributes: AttributeMap = {}): AuditRecord {
  return {
    eventName: 'bot.command',
    timestamp: '1795478400000000001',
    observedTimestamp: '1795478400000000002',
    attributes: {
      'audit.record.id': randomUUID(),
      'audit.actor.id': 'telegram:42',
      'audit.actor.type': 'user',
      'audit.action': 'EXECUTE',
      'audit.outcome': 'success',
      ...attributes,
    },
  };
}

/** A stream that was written by the book. */
export class Stream {
  readonly id: string = randomUUID();
  readonly lines: string[] = [];
  readonly #chain = new Chain(this.id, sha256);

  /** @param length records, the last of which ends the stream unless it is `open`. */
  constructor(length = 0, { open = false } = {}) {
    for (let number = 1; number <= length; number++) this.append(aRecord(), number === length && !open);
  }

  append(record: AuditRecord, end = false): this {
    const attributes = end ? { ...record.attributes, 'audit.sequence.end': true } : record.attributes;
    this.lines.push(this.#chain.seal({ ...record, attributes }));
    this.#chain.commit();
    return this;
  }

  get tip(): { streamId: string; number: number; hash: string } {
    return { streamId: this.id, number: this.#chain.number, hash: this.#chain.hash! };
  }
}

/** Feeds sources, given by name, line by line. */
export function verify(sources: Record<string, readonly string[]>, options: VerifierOptions = {}): Report {
  const verifier = createVerifier({ sha256, ...options });
  for (const [stream, lines] of Object.entries(sources)) {
    for (const line of lines) verifier.push({ stream, line, terminated: true });
    verifier.endOfStream(stream);
  }
  return verifier.finish();
}

/** Feeds the bytes of one source, as a reader of files cuts them. */
export function verifyBytes(stream: string, bytes: Uint8Array, others: Record<string, readonly string[]> = {}): Report {
  const verifier = createVerifier({ sha256 });
  for (const [stream, lines] of Object.entries(others)) {
    for (const line of lines) verifier.push({ stream, line, terminated: true, exclusive: true });
    verifier.endOfStream(stream);
  }
  let from = 0;
  while (from < bytes.length) {
    const newline = bytes.indexOf(0x0a, from);
    const to = newline < 0 ? bytes.length : newline;
    verifier.push({ stream, line: bytes.subarray(from, to), terminated: newline >= 0, exclusive: true });
    from = to + 1;
  }
  verifier.endOfStream(stream);
  return verifier.finish();
}

/** Findings in short: `changed 7`, `removed 3-5`. */
export function brief(findings: readonly Finding[]): string[] {
  return findings.map(({ kind, number, lastNumber }) => {
    const numbers = lastNumber === undefined ? number : `${number}-${lastNumber}`;
    return numbers === undefined ? kind : `${kind} ${numbers}`;
  });
}
