import { buildProgram, type Command } from '@botaudit/cli';
import { heading } from './markdown.ts';

/** The help as a terminal of a fixed width shows it, without colours. */
function help(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => 100,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
}

const section = (title: string, command: Command): string => `## ${title}\n\n\`\`\`text\n${help(command)}\n\`\`\``;

/** A command and all below it. */
function sections(title: string, command: Command): string[] {
  return [section(title, command), ...command.commands.flatMap((child) => sections(`${title} ${child.name()}`, child))];
}

export function cliPage(): string {
  const program = buildProgram();
  return [heading('CLI', 'packages/cli/src/program.ts'), ...sections('botaudit', program)].join('\n\n');
}
