import type { CompletedCommand, CompletedOption, CompletedProgram } from './model.js';
import type { Suggestions } from './suggestions.js';

/** A completion script for zsh: to be sourced after `compinit`, or put into the `fpath` as `_botaudit`. */
export function zshScript(program: CompletedProgram): string {
  const fn = `_${program.name}`;
  return `#compdef ${program.name}

${completer(fn, program)}
if [[ $funcstack[1] == ${fn} ]]; then
  ${fn} "$@"
else
  compdef ${fn} ${program.name}
fi
`;
}

/** A function that completes a command with commands below it, and the functions for those of them that have some. */
function completer(
  fn: string,
  { name, options, commands }: Pick<CompletedCommand, 'name' | 'options' | 'commands'>,
): string {
  const list = commands.map((command) => `    ${quote(`${command.name}:${command.description}`)}`);
  const cases = commands.map((command) => {
    const below = command.commands.length > 0 ? `${fn}_${command.name}` : `_arguments -S${specs(command)}`;
    return `        ${command.name})\n          ${below} && ret=0\n          ;;`;
  });
  const inner = commands.filter((command) => command.commands.length > 0);
  return `${fn}() {
  local curcontext=$curcontext state line ret=1
  local -a commands=(
${list.join('\n')}
  )
  _arguments -C -S${options.map(optionSpec).join('')} \\
    '1: :->command' \\
    '*:: :->arguments' && ret=0
  case $state in
    command)
      _describe -t commands command commands && ret=0
      ;;
    arguments)
      curcontext=\${curcontext%:*:*}:${name}-$words[1]:
      case $words[1] in
${cases.join('\n')}
      esac
      ;;
  esac
  return ret
}
${inner.map((command) => `\n${completer(`${fn}_${command.name}`, command)}`).join('')}`;
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
