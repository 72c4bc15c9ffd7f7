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

export function cliPage(): string {
  const program = buildProgram();
  return [
    heading('CLI', 'packages/cli/src/program.ts'),
    section('botaudit', program),
    ...program.commands.map((command) => section(`botaudit ${command.name()}`, command)),
  ].join('\n\n');
}
