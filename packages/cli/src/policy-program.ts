import { CATALOGUE } from '@botaudit/record';
import { Argument, Command } from 'commander';
import type { PolicyCheckOptions } from './commands/policy-check.js';
import type { PolicyDryRunOptions } from './commands/policy-dry-run.js';
import type { PolicyExplainOptions } from './commands/policy-explain.js';
import { suggest } from './completion/suggestions.js';
import { withExamples } from './examples.js';
import { configOption, jsonOption, readsJournal } from './options.js';

/** What a policy can be about. */
const EVENTS = Object.keys(CATALOGUE).filter((name) => !name.startsWith('audit.'));

/** `botaudit policy`, which does nothing by itself. */
export function policy(): Command {
  const command = new Command('policy')
    .summary('Check the policy, try it on a journal, explain what it says of an event')
    .description(
      'Check the policy of a configuration file, try it on a journal that is there, and explain what it says of an event ' +
        'or did to a record.',
    )
    .helpCommand(false)
    .addCommand(check())
    .addCommand(explain())
    .addCommand(dryRun());
  return withExamples(command, [
    ['Before it is deployed', 'botaudit policy check botaudit.yaml'],
    ['What becomes of a ban', 'botaudit policy explain bot.member.ban'],
    ['What of the records that are there it would have left out', 'botaudit policy dry-run --config new.yaml'],
  ]);
}

function check(): Command {
  const command = new Command('check')
    .summary('Check a configuration file with its policy')
    .description(
      'Check a configuration file with its policy, as a bot would that starts with it: what stops the start, and what ' +
        'is warned of. Prints the hash by which records name the policy.',
    )
    .addArgument(
      suggest(new Argument('[file]', 'The file (default: --config, BOTAUDIT_CONFIG, else botaudit.yaml)'), 'file'),
    )
    .addOption(configOption())
    .option('--show', 'Print the rules in force in their order, and the settings, with those of the preset, and why')
    .addOption(jsonOption())
    .action(async (file: string | undefined, _options: PolicyCheckOptions, self: Command) => {
      const { policyCheck } = await import('./commands/policy-check.js');
      await policyCheck(file, self.optsWithGlobals());
    });
  return withExamples(command, [
    ['The file of the bot in this folder', 'botaudit policy check'],
    ['In a pipeline, before it is deployed', 'botaudit policy check deploy/botaudit.yaml'],
    ['With all that a preset stands for', 'botaudit policy check --show'],
    ['Which policy records were written under', "botaudit policy check --json | jq -r '.hash'"],
  ]);
}

function explain(): Command {
  const command = readsJournal(new Command('explain'))
    .summary('Tell what the policy says of an event, and which rule')
    .description(
      'Tell what the policy says of an event, or of that of a record: which rule decides, what is kept, which records ' +
        'are written and when, whether it fails closed.',
    )
    .addArgument(
      suggest(
        new Argument('<event>', "An event's name, several as bot.member.*, or a record's id or the first digits of it"),
        EVENTS,
      ),
    )
    .option('--platform <name>', 'Of this platform, such as telegram; a record says it itself')
    .option('--framework <name>', 'Of this framework, such as grammy; a record says it itself')
    .option('--chat-type <name>', 'In a chat of this kind, such as private; a record says it itself')
    .option('--actor <actor>', 'By whom, such as telegram:42, or user; a record says it itself')
    .addOption(jsonOption())
    .action(async (event: string, _options: PolicyExplainOptions, self: Command) => {
      const { policyExplain } = await import('./commands/policy-explain.js');
      await policyExplain(event, self.optsWithGlobals());
    });
  return withExamples(command, [
    ['What becomes of a ban', 'botaudit policy explain bot.member.ban'],
    ['Everything that fails closed', "botaudit policy explain '*' --json | jq -r 'select(.fail_closed).event'"],
    ['What is kept of what somebody says in private', 'botaudit policy explain bot.message --chat-type private'],
    ['Why this record is there', 'botaudit policy explain 3f2b8c1e'],
  ]);
}

function dryRun(): Command {
  const command = readsJournal(new Command('dry-run'))
    .summary('Tell what of a journal a policy would have kept')
    .description(
      'Tell what of the records of a journal the policy would have kept, left out, and let fail closed, by rule and ' +
        'event, and which of high risk would not be there. Nothing is changed. Ends with 1 where any of high risk would go.',
    )
    .addArgument(suggest(new Argument('[folder]', 'Folder of the journal (default: as --dir)'), 'folder'))
    .addOption(jsonOption())
    .action(async (folder: string | undefined, _options: PolicyDryRunOptions, self: Command) => {
      const { policyDryRun } = await import('./commands/policy-dry-run.js');
      await policyDryRun(folder, self.optsWithGlobals());
    });
  return withExamples(command, [
    ['The policy of this folder on its journal', 'botaudit policy dry-run'],
    ['A new policy, before it is deployed', 'botaudit policy dry-run /var/lib/botaudit --config new.yaml'],
    ['What would become of each event', "botaudit policy dry-run --json | jq '.by_rule'"],
  ]);
}
