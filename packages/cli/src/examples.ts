import type { Command } from 'commander';

/** What an example does, and the command line that does it. */
export type Example = readonly [purpose: string, line: string];

const EXAMPLES = new WeakMap<Command, readonly Example[]>();

/** Adds examples to a command's help. Returns the command. */
export function withExamples(command: Command, examples: readonly Example[]): Command {
  EXAMPLES.set(command, examples);
  const lines = examples.map(([purpose, line]) => `  # ${purpose}\n  ${line}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

/** A command's examples, for the reference page. */
export function examplesOf(command: Command): readonly Example[] {
  return EXAMPLES.get(command) ?? [];
}
