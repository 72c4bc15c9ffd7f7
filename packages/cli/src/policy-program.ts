import { CATALOGUE } from '@botaudit/record';
import { Argument, Command } from 'commander';
import type { PolicyCheckOptions } from './commands/policy-check.js';
import type { PolicyExplainOptions } from './commands/policy-explain.js';
import { suggest } from './completion/suggestions.js';
import { withExamples } from './examples.js';
import { configOption, jsonOption, readsJournal } from './options.js';

/** What a policy can be about. */
const EVENTS = Object.keys(CATALOGUE).filter((name) => !name.startsWith('audit.'));

/** `botaudit policy`, which does nothing by itself. */
export function policy(): Command {
  const command = new Command('policy')
    .summary('Check the policy, and explain what it says of an event')
    .description('Check the policy of a configuration file, and explain what it says of an event or did to a record.')
    .helpCommand(false)
    .addCommand(check())
    .addCommand(explain());
  return withExamples(command, [
    ['Before it is deployed', 'botaudit policy check botaudit.yaml'],
    ['What becomes of a ban', 'botaudit policy explain bot.member.ban'],
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
    .addOption(jsonOption())
    .action(async (file: string | undefined, _options: PolicyCheckOptions, self: Command) => {
      const { policyCheck } = await import('./commands/policy-check.js');
      await policyCheck(file, self.optsWithGlobals());
    });
  return withExamples(command, [
    ['The file of the bot in this folder', 'botaudit policy check'],
    ['In a pipeline, before it is deployed', 'botaudit policy check deploy/botaudit.yaml'],
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
