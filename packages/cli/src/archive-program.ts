import { Command, InvalidArgumentError, Option } from 'commander';
import type { ArchiveOptions } from './commands/archive.js';
import { suggest } from './completion/suggestions.js';
import { withExamples } from './examples.js';
import { jsonOption, length, publicKeyOption, readsJournal } from './options.js';

/** `botaudit archive`. */
export function archive(): Command {
  const command = readsJournal(new Command('archive'))
    .summary('Copy finished segments into a folder or S3, or check that an archive can be read')
    .description(
      'Copy what is finished of the journal, with what vouches for it, into a folder or a bucket of S3. Each segment is ' +
        'read back and compared before it counts; what is there already stays as it is, so run it as often as you like. ' +
        'S3 needs the package aws4fetch, and takes address, region and credentials as AWS tools do: from AWS_* variables ' +
        'and the shared files, never from arguments.',
    )
    .addOption(
      suggest(
        new Option('--to <archive>', 'The archive: a folder, or s3://bucket/prefix').makeOptionMandatory(),
        'folder',
      ),
    )
    .addOption(
      new Option('--lock-mode <mode>', 'With S3: retain every object in this mode of Object Lock').choices([
        'compliance',
        'governance',
      ]),
    )
    .option('--lock-days <days>', 'With --lock-mode: for how long, from now on', days)
    .option('--restore-check', 'Archive nothing: verify the archive by what is in it alone')
    .addOption(publicKeyOption('With --restore-check: require checkpoints'))
    .addOption(
      suggest(
        new Option(
          '--metrics-file <file>',
          'Note there when this last succeeded, for Prometheus: a .prom file in the folder of text files of node_exporter, ' +
            'one for archiving and another one for the check',
        ),
        'file',
      ),
    )
    .addOption(
      new Option(
        '--expected-every <time>',
        'With --metrics-file: how often this is run, for the alert (default: 1d; 7d with --restore-check)',
      ).argParser(length),
    )
    .addOption(jsonOption())
    .action(async (_options: ArchiveOptions, self: Command) => {
      const { archive } = await import('./commands/archive.js');
      await archive(self.optsWithGlobals());
    });
  return withExamples(command, [
    ['To another disk', 'botaudit archive --to /mnt/archive/moderator'],
    [
      'To S3, for a year that nobody can shorten',
      'botaudit archive --to s3://audit/moderator --lock-mode compliance --lock-days 365',
    ],
    ['Once a week: can it be read?', 'botaudit archive --to s3://audit/moderator --restore-check'],
    [
      'Hourly, with an alert when it stops',
      'botaudit archive --to /mnt/archive/moderator --expected-every 1h --metrics-file /var/lib/node_exporter/textfile/audit_archive.prom',
    ],
  ]);
}

function days(value: string): number {
  if (!/^[1-9]\d{0,4}$/.test(value)) throw new InvalidArgumentError('Allowed is a whole number from 1 to 99999.');
  return Number(value);
}
