import type { CompletedCommand, CompletedOption, CompletedProgram } from './model.js';
import type { Suggestions } from './suggestions.js';

/** A completion script for zsh: to be sourced after `compinit`, or put into the `fpath` as `_botaudit`. */
export function zshScript(program: CompletedProgram): string {
  const fn = `_${program.name}`;
  const commands = program.commands.map(({ name, description }) => `    ${quote(`${name}:${description}`)}`);
  const cases = program.commands.map(
    (command) => `        ${command.name})\n          _arguments -S${specs(command)} && ret=0\n          ;;`,
  );
  return `#compdef ${program.name}

${fn}() {
  local curcontext=$curcontext state line ret=1
  local -a commands=(
${commands.join('\n')}
  )
  _arguments -C -S${program.options.map(optionSpec).join('')} \\
    '1: :->command' \\
    '*:: :->arguments' && ret=0
  case $state in
    command)
      _describe -t commands command commands && ret=0
      ;;
    arguments)
      curcontext=\${curcontext%:*:*}:${program.name}-$words[1]:
      case $words[1] in
${cases.join('\n')}
      esac
      ;;
  esac
  return ret
}

if [[ $funcstack[1] == ${fn} ]]; then
  ${fn} "$@"
else
  compdef ${fn} ${program.name}
fi
`;
}

function specs({ options, argument, wrapsCommand }: CompletedCommand): string {
  const lines = options.map(optionSpec);
  if (wrapsCommand) lines.push(line("'(-)1:command: _command_names -e'"), line("'*::argument: _normal'"));
  else if (argument) lines.push(line(quote(`1:argument:${action(argument)}`)));
  return lines.join('');
}

function optionSpec({ flags, description, value, repeatable }: CompletedOption): string {
  const excluded = repeatable ? '*' : flags.length > 1 ? `(${flags.join(' ')})` : '';
  const text = description.replace(/[\\[\]:]/g, '\\$&');
  const taken = value === undefined ? '' : `:${flags.at(-1)!.replace(/^-+/, '')}:${action(value)}`;
  return flags.map((flag) => line(quote(`${excluded}${flag}[${text}]${taken}`))).join('');
}

function action(value: Suggestions): string {
  if (value === 'file') return '_files';
  if (value === 'folder') return '_files -/';
  return value.length === 0 ? ' ' : `(${value.join(' ')})`;
}

function line(spec: string): string {
  return ` \\\n    ${spec}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
