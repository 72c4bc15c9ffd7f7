import { Command, Option } from 'commander';
import type { TimestampOptions } from './commands/timestamp.js';
import { suggest } from './completion/suggestions.js';
import { withExamples } from './examples.js';
import { jsonOption, list, readsJournal } from './options.js';

/** `botaudit timestamp`. */
export function timestamp(): Command {
  const command = readsJournal(new Command('timestamp'))
    .summary('Have checkpoints timestamped by an authority elsewhere')
    .description(
      'Have the last checkpoint of each stream timestamped by an authority (RFC 3161), which gets a hash and nothing else. ' +
        'Each timestamp is verified, and kept beside the checkpoints; what has one already is passed over, so run it as ' +
        'often as you like, by cron. A bot never waits for it.',
    )
    .option('--url <url>', 'The authority (default: signing.timestamp_url)')
    .addOption(
      suggest(
        new Option(
          '--tsa-ca <file>',
          'Certificates (PEM) that its timestamps have to lead to (default: signing.timestamp_ca); several may be given',
        ).argParser(list),
        'file',
      ),
    )
    .option(
      '--policy <oid>',
      "Object identifier of the policy to ask for (default: signing.timestamp_policy, else the authority's own)",
    )
    .addOption(
      suggest(
        new Option(
          '-o, --out <file>',
          'Keep them in this file, not beside the checkpoints: of a journal that may only be read, or to have them elsewhere',
        ),
        'file',
      ),
    )
    .addOption(jsonOption())
    .action(async (_options: TimestampOptions, self: Command) => {
      const { timestamp } = await import('./commands/timestamp.js');
      await timestamp(self.optsWithGlobals());
    });
  return withExamples(command, [
    ['Every hour, by cron', 'botaudit timestamp --url https://tsa.example/tsr --tsa-ca /etc/audit/tsa.pem'],
    ['From a copy, into a file of its own', 'botaudit timestamp --dir /mnt/evidence/.botaudit --out timestamps.ndjson'],
    ['What they vouch for', 'botaudit verify --tsa-ca /etc/audit/tsa.pem'],
  ]);
}
