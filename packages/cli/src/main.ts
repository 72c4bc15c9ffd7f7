import { debuglog } from 'node:util';
import { EXIT, Failure } from './failure.js';
import { buildProgram } from './program.js';
import { say } from './stderr.js';

try {
  await buildProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong, in one line, and returns the exit code for it. */
function report(error: unknown): number {
  if (error instanceof Failure) {
    if (error.message !== '') say(error.message);
  } else if (isExpected(error)) {
    // A message of several lines stays one here: what breaks a line could have come from anywhere.
    say(error.message.replaceAll(/\s*\n\s*/g, ' '));
  } else {
    say(`internal error: ${error}; run it again with NODE_DEBUG=botaudit and report what it prints`);
  }
  const debug = debuglog('botaudit');
  if (debug.enabled) debug('%o', error);
  return error instanceof Failure ? error.exitCode : EXIT.failed;
}

/** Errors of the operating system and of our own packages say what went wrong and where; any other one is a bug. */
function isExpected(error: unknown): error is Error {
  return (
    error instanceof Error &&
    ('syscall' in error || /^(?:Archive|Config|JournalFormat|Principals)Error$/.test(error.name))
  );
}
