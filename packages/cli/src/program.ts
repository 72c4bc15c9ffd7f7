import { readFileSync } from 'node:fs';
import { CATALOGUE } from '@botaudit/record';
import { Argument, Command, type CommanderError, InvalidArgumentError, Option } from 'commander';
import type { IndexOptions } from './commands/indexer.js';
import type { RunOptions } from './commands/run.js';
import type { SearchOptions } from './commands/search.js';
import type { ShipOptions } from './commands/ship.js';
import type { ShowOptions } from './commands/show.js';
import type { TailOptions } from './commands/tail.js';
import type { VerifyOptions } from './commands/verify.js';
import { SHELLS, type Shell } from './completion/shells.js';
import { suggest } from './completion/suggestions.js';
import { withExamples } from './examples.js';
import { EXIT, Failure } from './failure.js';
import { configOption, dirOption, jsonOption, readsJournal } from './options.js';
import { Output } from './output.js';
import { policy } from './policy-program.js';
import { say } from './stderr.js';

export type { Command } from 'commander';

const OUTCOMES = ['success', 'failure', 'unknown'];
const VERBS = [...new Set(Object.values(CATALOGUE).map(({ verb }) => verb))].sort();
const EVENTS = Object.keys(CATALOGUE);

/**
 * The whole command line as commander's model: the source of `--help`, of the reference page and of shell completion.
 * Building it does nothing else; a command's code is loaded when it runs.
 */
export function buildProgram(): Command {
  const program = new Command('botaudit')
    .description('Audit a bot: run it; read, search, verify, ship and index what it did; check its policy.')
    .version(version(), '-V, --version', 'Print the version')
    .helpOption('-h, --help', 'Show help')
    .helpCommand('help [command]', 'Show help for a command')
    .enablePositionalOptions()
    .configureOutput({ writeOut: helpPrinter(), outputError: () => {} })
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addOption(dirOption())
    .addOption(configOption())
    .addOption(jsonOption());
  withExamples(program, [
    ['Audit a bot', 'botaudit run -- node bot.js'],
    ['Watch what it does', 'botaudit tail -f'],
    ['Check that nothing was changed', 'botaudit verify'],
  ]);
  program.addHelpText('after', EXIT_CODES);
  for (const command of [run(), tail(), show(), search(), verify(), ship(), index(), policy(), completion()]) {
    program.addCommand(command);
  }
  settle(program);
  return program;
}

/** What holds for a command and all below it. */
function settle(command: Command): void {
  command.exitOverride((end) => fail(end, command));
  for (const child of command.commands) {
    child.copyInheritedSettings(command).helpOption('-h, --help', 'Show help');
    settle(child);
  }
}

const EXIT_CODES = `
Exit codes:
  0  done
  1  done, and the answer is no: verify or policy check found something wrong, show or search found no
     record, a dry run of index --setup something to change
  2  it could not be done, or not wholly: wrong usage, no journal, something that can't be read
  run ends as the command ends; 126 when it can't be executed, 127 when there is none

Set NODE_DEBUG=botaudit to see the stack trace of an error.`;

function run(): Command {
  const command = new Command('run')
    .summary('Run a command with auditing switched on')
    .description('Run a command with auditing switched on in every Node.js process that it starts.')
    .usage('[options] -- <command> [arguments...]')
    .argument('<command>', 'What to run')
    .argument('[arguments...]', 'Its arguments')
    .passThroughOptions()
    .addOption(dirOption())
    .addOption(configOption())
    .option('--endpoint <url>', 'Where records are shipped to (OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT)')
    .option('--metrics <address>', 'host:port that serves the metrics, or off (BOTAUDIT_METRICS)')
    .action(async (name: string, args: string[], _options: RunOptions, self: Command) => {
      const { run } = await import('./commands/run.js');
      run(name, args, self.optsWithGlobals());
    });
  return withExamples(command, [
    ['Audit a bot', 'botaudit run -- node bot.js'],
    ['Through npm, with the journal on a volume', 'botaudit run --dir /data/audit -- npm start'],
    ['Ship to a collector', 'botaudit run --endpoint https://collector:4318 -- node bot.js'],
  ]);
}

function tail(): Command {
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

function show(): Command {
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

function search(): Command {
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

function verify(): Command {
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
    .addOption(
      suggest(
        new Option(
          '--public-key <file>',
          'Require checkpoints signed by this key (Ed25519, PEM), from elsewhere than the journal; several may be given',
        ).argParser(list),
        'file',
      ),
    )
    .addOption(
      suggest(
        new Option(
          '--checkpoints <file>',
          "Hold checkpoints from elsewhere against it as well: a copy, records as shipped, a collector's archive (OTLP JSON lines); several may be given",
        ).argParser(list),
        'file',
      ),
    )
    .action(async (what: string | undefined, _options: VerifyOptions, self: Command) => {
      const { verify } = await import('./commands/verify.js');
      await verify(what, self.optsWithGlobals());
    });
  return withExamples(command, [
    ['The journal of the bot in this folder', 'botaudit verify'],
    ['A whole export', 'botaudit verify records.ndjson'],
    ['Who wrote it, too', 'botaudit verify --public-key /etc/audit/signing.pub'],
    ['What a pipe delivers', 'zcat records.ndjson.gz | botaudit verify -'],
    ['For a script', 'botaudit verify --json | jq .intact'],
  ]);
}

function ship(): Command {
  const command = readsJournal(new Command('ship'))
    .summary('Ship the journal to an endpoint, as a sidecar')
    .description(
      'Ship the journal to the configured endpoint, as a sidecar: goes on until it is told to stop (SIGINT, ' +
        'SIGTERM), also with streams whose writer died.',
    )
    .option('--once', 'Ship what is there, then end; keeps trying while the endpoint is down')
    .option('--endpoint <url>', 'Where to (default: OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT or the configuration)')
    .option('--metrics <address>', "host:port that serves the metrics of all of the journal's processes")
    .addOption(jsonOption())
    .action(async (_options: ShipOptions, self: Command) => {
      const { ship } = await import('./commands/ship.js');
      await ship(self.optsWithGlobals());
    });
  return withExamples(command, [
    ['A sidecar beside the bot', 'botaudit ship --dir /data/audit --metrics 0.0.0.0:9731'],
    ['Ship what a bot left behind', 'botaudit ship --once'],
  ]);
}

function index(): Command {
  const command = new Command('index')
    .summary('Run the indexer, set up Elasticsearch for it, or index an archive')
    .description(
      'Run the indexer: takes records over OTLP/HTTP, or reads them from Kafka, and writes them into Elasticsearch, ' +
        'until it is told to stop (SIGINT, SIGTERM). Needs the package @botaudit/indexer.',
    )
    .option('--setup', 'Set up Elasticsearch (templates, lifecycle, roles, data streams), then end')
    .option('--dry-run', 'With --setup: change nothing, and tell what would be changed')
    .addOption(
      suggest(
        new Option(
          '--archive <file...>',
          "Index these files of a collector's archive (OTLP JSON lines, also .gz and .zst), then end; what is there " +
            'already stays as it is',
        ),
        'file',
      ),
    )
    .addOption(
      suggest(
        new Option(
          '--config <file>',
          "The indexer's configuration (default: BOTAUDIT_INDEXER_CONFIG, else botaudit-indexer.yaml if there is one)",
        ),
        'file',
      ),
    )
    .option('--json', 'Print JSON: the addresses once it runs, with --setup or --archive what was done')
    .action(async (_options: IndexOptions, self: Command) => {
      const { index } = await import('./commands/indexer.js');
      await index(self.optsWithGlobals());
    });
  return withExamples(command, [
    ['What a set-up would change, then do it', 'botaudit index --setup --dry-run; botaudit index --setup'],
    ['Take records', 'botaudit index --config /etc/botaudit-indexer.yaml'],
    ['Make the index again from an archive', 'botaudit index --archive archive/audit*.jsonl'],
  ]);
}

function completion(): Command {
  const command = new Command('completion')
    .summary('Print a script for completion in a shell')
    .description('Print a script that completes botaudit on the command line.')
    .addArgument(new Argument('<shell>', 'Which shell').choices(SHELLS))
    .action(async (shell: Shell, _options: object, self: Command) => {
      const { completion } = await import('./commands/completion.js');
      await completion(shell, self.parent!);
    });
  return withExamples(command, [
    ['bash', 'source <(botaudit completion bash)'],
    ['zsh, after compinit', 'source <(botaudit completion zsh)'],
    ['fish', 'botaudit completion fish > ~/.config/fish/completions/botaudit.fish'],
  ]);
}

/** Commander is done: quietly after help and version, else with what was wrong, and where to read what is right. */
function fail(end: CommanderError, command: Command): never {
  if (end.exitCode === 0) throw new Failure('', EXIT.ok);
  if (end.code === 'commander.help') throw new Failure('');
  const problem = end.message.replace(/^error: |\.$/g, '').replace(/\s*\n\s*/g, ' ');
  throw Failure.usage(`${problem}; see ${pathOf(command)} --help`);
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** Prints the parts of a help text, which come one after the other, as one. */
function helpPrinter(): (part: string) => void {
  let output: Output | undefined;
  const flush = () =>
    output?.flush().catch((error: Error) => {
      say(error.message);
      process.exitCode = EXIT.failed;
    });
  return (part) => {
    if (!output) queueMicrotask(flush);
    output ??= new Output();
    output.line(part.trimEnd());
  };
}

function list(value: string, previous: string[] = []): string[] {
  if (value === '') throw new InvalidArgumentError('It must not be empty.');
  return [...previous, value];
}

function outcomes(value: string, previous: string[] = []): string[] {
  if (!OUTCOMES.includes(value)) throw new InvalidArgumentError(`Allowed are ${OUTCOMES.join(', ')}.`);
  return [...previous, value];
}

function count(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('Allowed is a whole number from 0 on.');
  return Number(value);
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return version;
}
