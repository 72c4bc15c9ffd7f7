import { type Command, InvalidArgumentError, Option } from 'commander';
import { suggest } from './completion/suggestions.js';
import { parseLength } from './text/time.js';

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

/** Keys that checkpoints have to be signed by. @param require how the sentence about it begins. */
export const publicKeyOption = (require: string) =>
  suggest(
    new Option(
      '--public-key <file>',
      `${require} signed by this key (Ed25519, PEM), from elsewhere than the journal; several may be given`,
    ).argParser(list),
    'file',
  );

/** Gathers the values of an option that may be given several times. */
export function list(value: string, previous: string[] = []): string[] {
  if (value === '') throw new InvalidArgumentError('It must not be empty.');
  return [...previous, value];
}

/** The value of an option that is a length of time, in milliseconds. */
export function length(value: string): number {
  const ms = parseLength(value);
  if (ms === undefined || ms < 1000) throw new InvalidArgumentError('Allowed is a length of time: 30s, 5m, 1h.');
  return ms;
}
