import { readFileSync } from 'node:fs';
import { Argument, Command, type CommanderError, Option } from 'commander';
import { archive } from './archive-program.js';
import type { IndexOptions } from './commands/indexer.js';
import type { RunOptions } from './commands/run.js';
import type { ShipOptions } from './commands/ship.js';
import { SHELLS, type Shell } from './completion/shells.js';
import { suggest } from './completion/suggestions.js';
import { doctor } from './doctor-program.js';
import { duplicates } from './duplicates-program.js';
import { withExamples } from './examples.js';
import { EXIT, Failure } from './failure.js';
import { decrypt, keys } from './keys-program.js';
import { configOption, dirOption, jsonOption, readsJournal } from './options.js';
import { Output } from './output.js';
import { policy } from './policy-program.js';
import { exporting, search, show, tail, verify } from './reading-program.js';
import { say } from './stderr.js';
import { timestamp } from './timestamp-program.js';

export type { Command } from 'commander';

/**
 * The whole command line as commander's model: the source of `--help`, of the reference page and of shell completion.
 * Building it does nothing else; a command's code is loaded when it runs.
 */
export function buildProgram(): Command {
  const program = new Command('botaudit')
    .description(
      'Audit a bot: run it; read, search, verify, ship, archive and index what it did; check its policy, and that all of ' +
        'this works.',
    )
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
  for (const command of [
    run(),
    tail(),
    show(),
    search(),
    exporting(),
    verify(),
    decrypt(),
    doctor(),
    ship(),
    timestamp(),
    archive(),
    index(),
    policy(),
    duplicates(),
    keys(),
    completion(),
  ]) {
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
  1  done, and the answer is no: verify, doctor, archive --restore-check or policy check found something
     wrong, policy dry-run records of high risk that would go, show, search or export found no record, decrypt could
     not decrypt all, a listed key is of no use, duplicates release no claim, ship --once or --rejected had records
     refused, a dry run of index --setup something to change
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

function ship(): Command {
  const command = readsJournal(new Command('ship'))
    .summary('Ship the journal to an endpoint, as a sidecar')
    .description(
      'Ship the journal to the configured endpoint, as a sidecar: goes on until it is told to stop (SIGINT, ' +
        'SIGTERM), also with streams whose writer died.',
    )
    .option('--once', 'Ship what is there, then end; keeps trying while the endpoint is down')
    .addOption(
      new Option(
        '--rejected',
        'Ship again what the endpoint refused (rejected.ndjson of each stream), then end: what it takes now leaves that ' +
          'file, what it refuses again stays with the new reason; keeps trying while the endpoint is down',
      ).conflicts(['once', 'metrics']),
    )
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
    ['Ship again what a limit refused that has been raised', 'botaudit ship --rejected'],
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

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return version;
}
