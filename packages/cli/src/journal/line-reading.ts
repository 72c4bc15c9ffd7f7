import { hash } from 'node:crypto';
import { createLineReader, type LineRead, type VerifierLine } from '@botaudit/record';
import { createChainReader } from '../verify/chain-only.js';

/** What reads lines for a verifier. @param chainOnly whether only the chain matters. */
export function lineReader(chainOnly: boolean): (line: VerifierLine) => LineRead {
  return chainOnly ? createChainReader() : createLineReader((text) => hash('sha256', text));
}

/** In which form such a reader wants its lines. */
export function formOf(chainOnly: boolean): 'text' | 'bytes' {
  return chainOnly ? 'bytes' : 'text';
}
