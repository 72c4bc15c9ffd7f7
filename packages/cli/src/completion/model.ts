import type { Command } from 'commander';
import { type Suggestions, suggestionsFor } from './suggestions.js';

/** What a shell has to know of an option. */
export interface CompletedOption {
  /** `-f`, `--follow`; the last one is the long one. */
  readonly flags: readonly string[];
  readonly description: string;
  /** What is offered for its value; absent where it takes none. */
  readonly value?: Suggestions | undefined;
  /** Whether it may be given more than once. */
  readonly repeatable: boolean;
}

/** What a shell has to know of a command. */
export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** What is offered for its argument; absent where it takes none. */
  readonly argument?: Suggestions | undefined;
  /** Whether its arguments are a command line of their own, as those of `run` are. */
  readonly wrapsCommand: boolean;
  /** Commands below it. */
  readonly commands: readonly CompletedCommand[];
}

/** The program as far as completion is concerned: its own options, and its commands. */
export interface CompletedProgram {
  readonly name: string;
  readonly options: readonly CompletedOption[];
  readonly commands: readonly CompletedCommand[];
}

/** Reads commander's model, so that completion can't know less, or other things, than the parser. */
export function completionModel(program: Command): CompletedProgram {
  const help = program.createHelp();
  const commands = help.visibleCommands(program).map((command) => describe(command));
  for (const command of commands) {
    if (command.name !== 'help') continue;
    commands[commands.indexOf(command)] = { ...command, argument: commands.map(({ name }) => name) };
  }
  return { name: program.name(), options: optionsOf(program), commands };
}

function describe(command: Command): CompletedCommand {
  const argument = command.registeredArguments[0];
  return {
    name: command.name(),
    description: command.summary() || command.description(),
    options: optionsOf(command),
    argument: argument && suggestionsFor(argument),
    wrapsCommand: command.registeredArguments.some(({ variadic }) => variadic),
    commands: command.commands.map((child) => describe(child)),
  };
}

function optionsOf(command: Command): CompletedOption[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map((option) => ({
      flags: [option.short, option.long].filter((flag) => flag !== undefined),
      description: firstSentence(option.description),
      value: option.required || option.optional ? suggestionsFor(option) : undefined,
      repeatable: option.parseArg !== undefined && option.defaultValue === undefined && option.required,
    }));
}

/** Shells show a line. */
function firstSentence(text: string): string {
  return text.replace(/ \(default: .*$|\. .*$|\.$/s, '');
}
