import type { CompletedCommand, CompletedOption, CompletedProgram } from './model.js';
import type { Suggestions } from './suggestions.js';

/** A completion script for bash 3.2 and later; needs nothing but bash. */
export function bashScript(program: CompletedProgram): string {
  const fn = `_${program.name}`;
  const cases = program.commands.map((command) => caseOf(command, '    '));
  return `# bash completion for ${program.name}
${fn}_words() {
  local IFS=$' \\t\\n'
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}

${fn}_paths() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$cur"))
}

# Completes the command line that starts behind the options of the command at index $1; fails where it does not yet.
# $2 is a pattern of the options that take a value.
${fn}_wrapped() {
  local i
  for ((i = $1 + 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      --) ((i++)); break ;;
      -*) [[ \${COMP_WORDS[i]} == $2 ]] && ((i++)) ;;
      *) break ;;
    esac
  done
  ((i > COMP_CWORD)) && return 1
  if ((i == COMP_CWORD)); then
    [[ $cur == -* && \${COMP_WORDS[i - 1]} != -- ]] && return 1
    ${fn}_paths -c
  elif declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$i"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$i"
  else
    ${fn}_paths -f
  fi
}

# Finds the command behind the one at index $1: sets $command, empty where it does not stand there yet, and its index $at.
# $2 is a pattern of the options that take a value.
${fn}_next() {
  command=''
  for ((at = $1 + 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      -* | =) [[ \${COMP_WORDS[at]} == $2 ]] && ((at++)) ;;
      *) command=\${COMP_WORDS[at]}; break ;;
    esac
  done
}

${fn}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command='' at
  COMPREPLY=()
  # bash splits words at = by default.
  if [[ $cur == = ]]; then
    cur=''
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  ${fn}_next 0 ${valued(program.options) || "''"}
  case $command in
    '')
${values(program.options, '      ').join('\n')}
      [[ $cur == -* ]] && { ${fn}_words '${flags(program.options)}'; return; }
      ${fn}_words '${program.commands.map(({ name }) => name).join(' ')}'
      ;;
${cases.join('\n')}
  esac
}

complete -F ${fn} ${program.name}
`;

  function caseOf(command: CompletedCommand, indent: string): string {
    const { name, options, argument, wrapsCommand, commands } = command;
    const inner = `${indent}  `;
    const offered = [
      ...values(options, inner),
      wrapsCommand ? `${inner}${fn}_wrapped "$at" ${valued(options) || "''"} && return` : undefined,
      `${inner}[[ $cur == -* ]] && { ${fn}_words '${flags(options)}'; return; }`,
      argument ? `${inner}${reply(fn, argument)}` : undefined,
    ].filter((line) => line !== undefined);
    if (commands.length === 0) return [`${indent}${name})`, ...offered, `${inner};;`].join('\n');
    return [
      `${indent}${name})`,
      `${inner}${fn}_next "$at" ${valued(options) || "''"}`,
      `${inner}case $command in`,
      `${inner}'')`,
      ...offered,
      `${inner}  ${fn}_words '${commands.map((child) => child.name).join(' ')}'`,
      `${inner}  ;;`,
      ...commands.map((child) => caseOf(child, inner)),
      `${inner}esac`,
      `${inner};;`,
    ].join('\n');
  }

  function values(options: readonly CompletedOption[], indent: string): string[] {
    const lines = options
      .filter(({ value }) => value !== undefined)
      .map(({ flags, value }) => `${indent}  ${flags.join(' | ')}) ${reply(fn, value!)} return ;;`);
    return lines.length === 0 ? [] : [`${indent}case $prev in`, ...lines, `${indent}esac`];
  }
}

function reply(fn: string, value: Suggestions): string {
  if (value === 'file') return `${fn}_paths -f;`;
  if (value === 'folder') return `${fn}_paths -d;`;
  return value.length === 0 ? '' : `${fn}_words '${value.join(' ')}';`;
}

function flags(options: readonly CompletedOption[]): string {
  return options.flatMap(({ flags }) => flags).join(' ');
}

/** A pattern of the options that take a value, as a word of bash; empty where none does. */
function valued(options: readonly CompletedOption[]): string {
  const names = options.filter(({ value }) => value !== undefined).flatMap(({ flags }) => flags);
  return names.length === 0 ? '' : `'@(${names.join('|')})'`;
}
