// The commands about keys, and about what is encrypted to them.
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { DecryptOptions } from './commands/decrypt.js';
import type { KeysListOptions } from './commands/keys-list.js';
import type { KeysNewOptions } from './commands/keys-new.js';
import type { KeysRotateOptions } from './commands/keys-rotate.js';
import { suggest } from './completion/suggestions.js';
import { withExamples } from './examples.js';
import type { KeyKind } from './keys/key-kinds.js';
import { configOption, dirOption, jsonOption, list, readsJournal } from './options.js';

const KINDS = ['signing', 'pseudonym', 'encryption'];

const kindArgument = () =>
  new Argument('<kind>', 'signing: of checkpoints; pseudonym: of ids; encryption: of fields, for auditors').choices(
    KINDS,
  );
const nameOption = () =>
  new Option('--name <name>', 'Name of a key for pseudonyms, which stands in each (default: the month)');
const expiresOption = () =>
  new Option('--expires <date>', 'Day from which on bots refuse a key for encryption (2027-11-24)').argParser(date);

/** `botaudit keys`, which does nothing by itself. */
export function keys(): Command {
  const command = new Command('keys')
    .summary('Make, list and replace keys')
    .description('Make, list and replace keys: to sign checkpoints, to make pseudonyms, to encrypt fields to auditors.')
    .helpCommand(false)
    .addCommand(create())
    .addCommand(listKeys())
    .addCommand(rotate());
  return withExamples(command, [
    ['For an auditor, on his own machine', 'botaudit keys new encryption --out auditor.key'],
    ['Which keys a bot uses here', 'botaudit keys list'],
  ]);
}

function create(): Command {
  const command = new Command('new')
    .summary('Make a key')
    .description(
      'Make a key, and write it into new files, those of private keys for their owner alone (0600). No private key is printed.',
    )
    .addArgument(kindArgument())
    .addOption(
      suggest(
        new Option('--out <file>', 'File of the private key (default: <kind>.key); the public one is .pub beside it'),
        'file',
      ),
    )
    .addOption(nameOption())
    .addOption(new Option('--curve <curve>', 'Of a key for encryption (default: X25519)').choices(['X25519', 'P-256']))
    .addOption(expiresOption())
    .addOption(jsonOption())
    .action(async (kind: KeyKind, _options: KeysNewOptions, self: Command) => {
      const { keysNew } = await import('./commands/keys-new.js');
      await keysNew(kind, self.optsWithGlobals());
    });
  return withExamples(command, [
    ['To sign checkpoints, in a better place than the journal', 'botaudit keys new signing --out /etc/bot/signing.key'],
    ['For pseudonyms', 'botaudit keys new pseudonym --out /etc/bot/pseudonym.key'],
    ['For an auditor, for a year', 'botaudit keys new encryption --out auditor.key --expires 2027-11-24'],
  ]);
}

function listKeys(): Command {
  const command = new Command('list')
    .summary('List keys by their names')
    .description(
      'List the keys in files, or those that the configuration names: what they are called, never what they are. Ends ' +
        'with 1 where one has expired, or a private one may be read by others than its owner.',
    )
    .addArgument(
      suggest(new Argument('[file...]', 'Files of keys (default: those that the configuration names)'), 'file'),
    )
    .addOption(dirOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (files: string[], _options: KeysListOptions, self: Command) => {
      const { keysList } = await import('./commands/keys-list.js');
      await keysList(files, self.optsWithGlobals());
    });
  return withExamples(command, [
    ['Those of the bot in this folder', 'botaudit keys list'],
    ['What an auditor has', 'botaudit keys list auditor.key auditor.pub'],
    ['For a script', 'botaudit keys list --json | jq -r .id'],
  ]);
}

function rotate(): Command {
  const command = new Command('rotate')
    .summary('Put a new key in the place of one')
    .description(
      'Put a new key in the place of the one in a file. The former is kept: in the same file, where search and decrypt find ' +
        'it, or, of a key that signs, in a file beside it.',
    )
    .addArgument(kindArgument())
    .addArgument(suggest(new Argument('<file>', 'File of the private key'), 'file'))
    .addOption(nameOption())
    .addOption(expiresOption())
    .addOption(jsonOption())
    .action(async (kind: KeyKind, file: string, _options: KeysRotateOptions, self: Command) => {
      const { keysRotate } = await import('./commands/keys-rotate.js');
      await keysRotate(kind, file, self.optsWithGlobals());
    });
  return withExamples(command, [
    ['Of pseudonyms, each year', 'botaudit keys rotate pseudonym /etc/bot/pseudonym.key'],
    ["Of an auditor's", 'botaudit keys rotate encryption auditor.key'],
  ]);
}

/** `botaudit decrypt`. */
export function decrypt(): Command {
  const command = readsJournal(new Command('decrypt'))
    .summary('Decrypt fields that were encrypted to an auditor')
    .description(
      'Print records with what was encrypted to the given keys decrypted, a line of JSON each. Such a line is no longer the ' +
        'one that the chain is about: verify the journal. Ends with 1 where something could not be decrypted, or nothing was.',
    )
    .addArgument(
      suggest(
        new Argument(
          '[what]',
          "A record's id or the first digits of it, a file of records (NDJSON), or - for standard input (default: all of the journal that hold anything encrypted)",
        ),
        'file',
      ),
    )
    .addOption(
      suggest(
        new Option('--key <file>', 'Private key (JWK, a set of JWKs, or PKCS#8 in PEM); several may be given')
          .argParser(list)
          .makeOptionMandatory(),
        'file',
      ),
    )
    .action(async (what: string | undefined, _options: DecryptOptions, self: Command) => {
      const { decrypt } = await import('./commands/decrypt.js');
      await decrypt(what, self.optsWithGlobals());
    });
  return withExamples(command, [
    ['All that was encrypted to this auditor', 'botaudit decrypt --key auditor.key'],
    ['One record', 'botaudit decrypt 3f2b8c1e --key auditor.key'],
    [
      'What a search finds',
      'botaudit search --actor telegram:42 --json | botaudit decrypt - --key auditor.key | jq .Body',
    ],
  ]);
}

function date(value: string): Date {
  const at = new Date(`${value}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(value) || Number.isNaN(at.getTime()) || !at.toISOString().startsWith(value)) {
    throw new InvalidArgumentError('Allowed is a date: 2027-11-24.');
  }
  return at;
}
