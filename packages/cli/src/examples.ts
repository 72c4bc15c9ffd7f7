import type { Command } from 'commander';

/** What an example does, and the command line that does it. */
type Example = readonly [purpose: string, line: string];

/** Adds examples to a command's help. Returns the command. */
export function withExamples(command: Command, examples: readonly Example[]): Command {
  const lines = examples.map(([purpose, line]) => `  # ${purpose}\n  ${line}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}
