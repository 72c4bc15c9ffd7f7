import { Argument, Command } from 'commander';
import type { DuplicatesOptions } from './commands/duplicates.js';
import { withExamples } from './examples.js';
import { jsonOption, readsJournal } from './options.js';

/** `botaudit duplicates`, which does nothing by itself. */
export function duplicates(): Command {
  const command = new Command('duplicates')
    .summary('List what is kept from happening twice, and let go of it')
    .description(
      'List the claims by which a policy (on_duplicate: block) or once() keep something from happening twice, and let ' +
        'go of one whose outcome nobody knows.',
    )
    .helpCommand(false)
    .addCommand(list())
    .addCommand(release());
  return withExamples(command, [
    ['What was begun, and did not come to its end', 'botaudit duplicates list'],
    ['It was not carried out: it may be tried again', 'botaudit duplicates release 3f2b8c1e'],
  ]);
}

function list(): Command {
  const command = readsJournal(new Command('list'))
    .summary('List the claims of the last 24 hours')
    .description(
      'List the claims of the last 24 hours, the latest last: when, whether it came to its end, what, and the record.',
    )
    .addOption(jsonOption())
    .action(async (_options: DuplicatesOptions, self: Command) => {
      const { listDuplicates } = await import('./commands/duplicates.js');
      await listDuplicates(self.optsWithGlobals());
    });
  return withExamples(command, [
    ['All claims', 'botaudit duplicates list'],
    ['Those whose outcome is not known', 'botaudit duplicates list --json | jq -c \'select(.outcome != "success")\''],
  ]);
}

function release(): Command {
  const command = readsJournal(new Command('release'))
    .summary('Let something happen again')
    .description(
      'Let go of a claim, so that what it stands for may happen again. First find out that it was not carried out: ask ' +
        'the other side, such as the bank.',
    )
    .addArgument(
      new Argument('<claim>', "The claim's name as the error and the list tell it, or its first 8 digits or more"),
    )
    .addOption(jsonOption())
    .action(async (claim: string, _options: DuplicatesOptions, self: Command) => {
      const { releaseDuplicate } = await import('./commands/duplicates.js');
      await releaseDuplicate(claim, self.optsWithGlobals());
    });
  return withExamples(command, [['By its first digits', 'botaudit duplicates release 3f2b8c1e']]);
}
