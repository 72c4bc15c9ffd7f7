// The commands that read a journal and change nothing.
import { CATALOGUE } from '@botaudit/record';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { SearchOptions } from './commands/search.js';
import type { ShowOptions } from './commands/show.js';
import type { TailOptions } from './commands/tail.js';
import type { VerifyOptions } from './commands/verify.js';
import { suggest } from './completion/suggestions.js';
import { withExamples } from './examples.js';
import { jsonOption, length, list, publicKeyOption, readsJournal } from './options.js';

const OUTCOMES = ['success', 'failure', 'unknown'];
const VERBS = [...new Set(Object.values(CATALOGUE).map(({ verb }) => verb))].sort();
const EVENTS = Object.keys(CATALOGUE);

/** `botaudit tail`. */
export function tail(): Command {
  const command = readsJournal(new Command('tail'))
    .summary('Print the last records, and follow new ones')
    .description("Print the last records of all of the journal's streams, by time.")
    .option('-f, --follow', 'Go on with new records and new streams, until Ctrl-C')
    .option('-n, --lines <count>', 'How many of the last records to print', count, 10)
    .addOption(jsonOption())
    .action(async (_options: TailOptions, self: Command) => {
      const { tail } = await import('./commands/tail.js');
      await tail(self.optsWithGlobals());
    });
  return withExamples(command, [
    ['The last ten records', 'botaudit tail'],
    ['Watch live, starting with the last 50', 'botaudit tail -f -n 50'],
    ['Feed a program', "botaudit tail -f --json | jq -r '.EventName'"],
  ]);
}

/** `botaudit show`. */
export function show(): Command {
  const command = readsJournal(new Command('show'))
    .summary('Show one record with all its fields')
    .description('Show one record: all its fields, its place in the chain, what caused it, its attempt or outcome.')
    .argument('<id>', "The record's id, or the first digits of it")
    .addOption(jsonOption())
    .action(async (id: string, _options: ShowOptions, self: Command) => {
      const { show } = await import('./commands/show.js');
      await show(id, self.optsWithGlobals());
    });
  return withExamples(command, [
    ['By the digits that tail prints', 'botaudit show 3f2b8c1e'],
    ['As one JSON object', 'botaudit show 3f2b8c1e --json'],
  ]);
}

/** `botaudit search`. */
export function search(): Command {
  const command = readsJournal(new Command('search'))
    .summary('Print the records that fit')
    .description(
      'Print the records that fit all of the given options, stream by stream. An option given again adds an ' +
        'alternative; * in a value stands for anything.',
    )
    .option('--actor <id>', 'Who did it: telegram:42, or 42 of any platform', list)
    .addOption(suggest(new Option('--action <verb>', 'What kind of action: BAN, DELETE, …').argParser(list), VERBS))
    .addOption(
      suggest(new Option('--event <name>', 'Event name: bot.member.ban, bot.message.*').argParser(list), EVENTS),
    )
    .addOption(suggest(new Option('--outcome <outcome>', 'success, failure or unknown').argParser(outcomes), OUTCOMES))
    .option('--target <id>', 'Upon whom or what', list)
    .option('--chat <id>', 'In which chat', list)
    .option('--bot <id>', 'Which bot', list)
    .option('--command <name>', 'Which command, with or without its slash', list)
    .option('--trace <id>', 'Trace id: all that one update led to', list)
    .addOption(
      suggest(
        new Option(
          '--pseudonym-key <file>',
          'Look for --actor, --target and --chat by their pseudonyms as well (default: the configured key); several may be given',
        ).argParser(list),
        'file',
      ),
    )
    .option('--since <time>', 'From this time on: 10m, 2h, 3d ago, or 2026-11-24T09:30:00Z (UTC if no zone is given)')
    .option('--until <time>', 'Before this time')
    .addOption(jsonOption())
    .action(async (_options: SearchOptions, self: Command) => {
      const { search } = await import('./commands/search.js');
      await search(self.optsWithGlobals());
    });
  return withExamples(command, [
    ['Who was banned today', 'botaudit search --action BAN --since 24h'],
    ['What failed in one chat', 'botaudit search --chat -1001234567890 --outcome failure'],
    ['Everything that one update led to', 'botaudit search --trace 4bf92f3577b34da6a3ce929d0e0e4736'],
    ['Export for a program', "botaudit search --event 'bot.payment.*' --json > payments.ndjson"],
  ]);
}

/** `botaudit verify`. */
export function verify(): Command {
  const command = readsJournal(new Command('verify'))
    .summary('Check that no record was changed, removed, added or moved')
    .description(
      'Check that no record was changed, removed, added or moved. Prints a line for each finding. Without a public ' +
        'key this shows consistency, not who wrote the records: whoever may write the journal could compute all of it ' +
        'anew. Only a whole journal or a whole export can be verified: of an excerpt, what is not in it counts as removed.',
    )
    .addArgument(
      suggest(
        new Argument('[what]', "A journal's folder, a file of records (NDJSON), or - for standard input"),
        'file',
      ),
    )
    .addOption(jsonOption())
    .addOption(publicKeyOption('Require checkpoints'))
    .addOption(
      suggest(
        new Option(
          '--checkpoints <file>',
          "Hold checkpoints from elsewhere against it as well: a copy, records as shipped, a collector's archive (OTLP JSON lines); several may be given",
        ).argParser(list),
        'file',
      ),
    )
    .addOption(
      suggest(
        new Option(
          '--archive <archive>',
          'Verify the journal and its archive (a folder, or s3://bucket/prefix) as one: what went from the journal is read there',
        ),
        'folder',
      ),
    )
    .option(
      '--quick',
      'Check the chain alone: numbers, hashes, checkpoints; not that each line is a record in canonical form, nor that no two share an id',
    )
    .option(
      '--jobs <count>',
      'Threads that read a journal or a stream (default: one for each core); requests to Elasticsearch at a time (default: 2)',
      jobs,
    );
  withSink(command).action(async (what: string | undefined, _options: VerifyOptions, self: Command) => {
    const { verify } = await import('./commands/verify.js');
    await verify(what, self.optsWithGlobals());
  });
  return withExamples(command, [
    ['The journal of the bot in this folder', 'botaudit verify'],
    ['A whole export', 'botaudit verify records.ndjson'],
    ['Who wrote it, too', 'botaudit verify --public-key /etc/audit/signing.pub'],
    ['With what went into the archive', 'botaudit verify --archive /mnt/archive/moderator'],
    ['The chain alone, several times as fast', 'botaudit verify --quick'],
    ['What a pipe delivers', 'zcat records.ndjson.gz | botaudit verify -'],
    ['For a script', 'botaudit verify --json | jq .intact'],
    [
      'What Elasticsearch holds, and whether it is what is in the journal',
      'BOTAUDIT_ELASTICSEARCH_API_KEY_FILE=/etc/audit/auditor.key botaudit verify --elasticsearch https://elasticsearch:9200 --ca /etc/audit/ca.pem --public-key /etc/audit/signing.pub .botaudit',
    ],
    ['What a collector has written', 'botaudit verify --otlp-file audit-2026-11-23.jsonl.zst --otlp-file audit.jsonl'],
    [
      'As a service, with metrics',
      'botaudit verify --elasticsearch https://elasticsearch:9200 --watch --every 15m --metrics 0.0.0.0:9734',
    ],
  ]);
}

/** Adds the options of a sink. */
function withSink(command: Command): Command {
  return command
    .option(
      '--elasticsearch <url>',
      'Verify what Elasticsearch holds, and compare it with the journal in the folder given, if any. Credentials come ' +
        'from BOTAUDIT_ELASTICSEARCH_API_KEY_FILE, or _API_KEY, or _USERNAME and _PASSWORD_FILE, or _PASSWORD',
    )
    .addOption(
      suggest(
        new Option(
          '--otlp-file <file>',
          "Verify what a collector's file exporter wrote (OTLP JSON lines; .gz and .zst too); several may be given",
        ).argParser(list),
        'file',
      ),
    )
    .addOption(
      suggest(
        new Option(
          '--ca <file>',
          "The authority of Elasticsearch's certificate, PEM (default: BOTAUDIT_ELASTICSEARCH_CERTIFICATE)",
        ),
        'file',
      ),
    )
    .option('--namespace <name>', 'Namespace of the data streams, * for any (default: *)')
    .option(
      '--services <principal=names>',
      'Who may write in whose name, as at the indexer: service names parted by spaces, * for anything; what is not ' +
        'named speaks for its own name; several may be given',
      list,
    )
    .addOption(
      new Option(
        '--retention <time>',
        'How long the sink keeps records (365d): that older ones are gone is a notice then',
      ).argParser(length),
    )
    .addOption(
      new Option(
        '--grace <time>',
        'What came within this time need not have all before it yet: it may be on its way (default: 5m)',
      ).argParser(grace),
    )
    .option('--watch', 'Go on, again and again, and tell what is new')
    .addOption(new Option('--every <time>', 'With --watch: how often (default: 1h)').argParser(length))
    .addOption(new Option('--metrics <address>', 'With --watch: host:port that serves metrics').argParser(address));
}

function grace(value: string): number {
  return /^0s?$/.test(value) ? 0 : length(value);
}

function address(value: string): { host: string; port: number } {
  const [, host = '', port] = /^(\[[0-9a-fA-F:.]+\]|[0-9A-Za-z_.-]+):(\d{1,5})$/.exec(value) ?? [];
  if (host === '' || Number(port) > 65_535) throw new InvalidArgumentError('Allowed is host:port.');
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function outcomes(value: string, previous: string[] = []): string[] {
  if (!OUTCOMES.includes(value)) throw new InvalidArgumentError(`Allowed are ${OUTCOMES.join(', ')}.`);
  return [...previous, value];
}

function count(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('Allowed is a whole number from 0 on.');
  return Number(value);
}

function jobs(value: string): number {
  if (!/^[1-9]\d{0,2}$/.test(value)) throw new InvalidArgumentError('Allowed is a whole number from 1 to 999.');
  return Number(value);
}
