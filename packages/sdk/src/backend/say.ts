import { writeSync } from 'node:fs';
import { isMainThread, threadId } from 'node:worker_threads';

/** Takes a line for people. */
export type Say = (message: string) => void;

const STDERR = 2;
const MAX_LENGTH = 2_000;

/**
 * Tells people what they should know, on stderr: stdout is the application's, and MCP servers speak there. Control
 * characters, of a path or an error's message, are left out.
 */
export function sayOnStderr(message: string): void {
  const thread = isMainThread ? '' : ` (thread ${threadId})`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal.
  const shown = message.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '');
  try {
    // process.stderr would be set up for this alone, and may not be written through at the end of the process.
    writeSync(STDERR, `botaudit${thread}: ${shown.slice(0, MAX_LENGTH)}\n`);
  } catch {
    // Closed, or a pipe that nobody empties: there is nobody to tell.
  }
}
