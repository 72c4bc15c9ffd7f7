import type { CompletedCommand, CompletedOption, CompletedProgram } from './model.js';
import type { Suggestions } from './suggestions.js';

/** A completion script for fish. */
export function fishScript(program: CompletedProgram): string {
  const { name } = program;
  const lines = [`# fish completion for ${name}`, `complete -c ${name} -f`];
  const add = (condition: string, rest: string) => lines.push(`complete -c ${name} -n ${quote(condition)} ${rest}`);
  for (const option of program.options) add('__fish_use_subcommand', optionOf(option));
  const addCommands = (commands: readonly CompletedCommand[], here: string, inside: string) => {
    for (const { name: command, description, options, argument, wrapsCommand, commands: below } of commands) {
      add(here, `-a ${command} -d ${quote(description)}`);
      const seen = `${inside}__fish_seen_subcommand_from ${command}`;
      const names = below.map((child) => child.name).join(' ');
      const condition = names === '' ? seen : `${seen}; and not __fish_seen_subcommand_from ${names}`;
      for (const option of options) add(condition, optionOf(option));
      if (wrapsCommand) add(condition, "-x -a '(__fish_complete_subcommand --fcs-skip=2)'");
      else if (argument) add(condition, suggestionOf(argument));
      addCommands(below, condition, `${seen}; and `);
    }
  };
  addCommands(program.commands, '__fish_use_subcommand', '');
  return `${lines.join('\n')}\n`;
}

function optionOf({ flags, description, value }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  return [...names, `-d ${quote(description)}`, ...(value === undefined ? [] : [suggestionOf(value)])].join(' ');
}

function suggestionOf(value: Suggestions): string {
  if (value === 'file') return '-r -F';
  if (value === 'folder') return "-x -a '(__fish_complete_directories)'";
  return value.length === 0 ? '-x' : `-x -a ${quote(value.join(' '))}`;
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
