import { type Command, Option } from 'commander';
import { suggest } from './completion/suggestions.js';

/** Where the journal is. */
export const dirOption = () =>
  suggest(
    new Option(
      '--dir <folder>',
      'Folder of the journal (default: the one that a bot started here writes to: BOTAUDIT_DIR or the ' +
        'configuration, .botaudit, /var/lib/botaudit)',
    ),
    'folder',
  );
/** Where the configuration is. */
export const configOption = () =>
  suggest(
    new Option('--config <file>', 'Configuration file (default: BOTAUDIT_CONFIG, else botaudit.yaml if there is one)'),
    'file',
  );
export const jsonOption = () => new Option('--json', 'Print JSON for programs instead of lines for people');

/** The options of every command that reads a journal. They may also stand before the command's name. */
export const readsJournal = (command: Command): Command => command.addOption(dirOption()).addOption(configOption());
