import { EXIT } from '../failure.js';
import { type CheckReport, isWrong } from '../journal/check.js';
import { Output } from '../output.js';
import { findingLine } from '../text/finding-line.js';
import { harmlessJson } from '../text/harmless.js';
import { verdict } from '../text/verdict.js';

/**
 * Prints what a check came to, and sets the exit code.
 *
 * @param options.isSigned whether a public key was given.
 * @param options.notes what there is to say beside that, a line each.
 */
export async function printCheck(
  report: CheckReport,
  { json, isSigned, notes = [] }: { json: boolean | undefined; isSigned: boolean; notes?: readonly string[] },
): Promise<void> {
  const output = new Output();
  if (json) {
    const line = JSON.stringify(report);
    output.line(output.isTerminal ? harmlessJson(line) : line);
  } else {
    for (const finding of report.findings) await output.line(findingLine(finding, output.paint));
    for (const note of notes) await output.line(note);
    output.line(verdict(report, isSigned, output.paint));
  }
  await output.flush();
  process.exitCode = report.intact ? EXIT.ok : isWrong(report) ? EXIT.no : EXIT.failed;
}
