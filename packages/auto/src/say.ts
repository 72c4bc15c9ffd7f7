import { writeSync } from 'node:fs';

const STDERR = 2;

/** Tells people something, on stderr: stdout is the application's. */
export function say(message: string): void {
  try {
    writeSync(STDERR, `botaudit: ${message}\n`);
  } catch {
    // Closed: there is nobody to tell.
  }
}
