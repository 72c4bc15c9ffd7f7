import type { CheckFinding } from '../journal/check.js';
import type { Paint } from './columns.js';
import { harmless } from './harmless.js';

/** A finding as a line for people. */
export function findingLine({ stream, number, kind, severity, message }: CheckFinding, paint: Paint): string {
  const what = severity === 'error' ? paint('red', kind) : paint('yellow', `${kind} (notice)`);
  return `${harmless(stream)} ${number ?? '-'} ${what}: ${harmless(message)}`;
}
