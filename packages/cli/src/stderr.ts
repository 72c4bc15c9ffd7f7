import { harmless } from './text/harmless.js';

let listening = false;

/** Says something to the person at the terminal: one line on standard error, which keeps standard output for results. */
export function say(message: string): void {
  if (!listening) {
    listening = true;
    // Whoever closed standard error does not want to hear this.
    process.stderr.on('error', () => {});
  }
  process.stderr.write(`botaudit: ${harmless(message)}\n`);
}
