import { Command, Option } from 'commander';
import type { DoctorOptions } from './commands/doctor.js';
import { withExamples } from './examples.js';
import { configOption, dirOption, jsonOption, length } from './options.js';

/** `botaudit doctor`. */
export function doctor(): Command {
  const command = new Command('doctor')
    .summary('Check that auditing works here, with a record that goes the whole way')
    .description(
      'Check what auditing needs here, then send a record (audit.canary) the whole way of a record: onto the journal, ' +
        'read back from there, to the endpoint until that acknowledges it, and into Elasticsearch until it is found ' +
        "there. Run it as the bot's user, in the bot's folder, with the bot's environment. Each check tells how long it " +
        'took, and what to do.',
    )
    .addOption(dirOption())
    .addOption(configOption())
    .option('--endpoint <url>', 'Where to (default: OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT or the configuration)')
    .option(
      '--elasticsearch <url>',
      'Look for the record in Elasticsearch too. Credentials come from BOTAUDIT_ELASTICSEARCH_API_KEY_FILE, or ' +
        '_API_KEY, or _USERNAME and _PASSWORD_FILE, or _PASSWORD; the authority of its certificate from _CERTIFICATE',
    )
    .addOption(
      new Option('--timeout <time>', 'How long each leg of the way may take').argParser(length).default(15_000, '15s'),
    )
    .addOption(
      new Option('--every <time>', 'Go on, with a record every 5m or so, and serve metrics of it').argParser(length),
    )
    .option('--metrics <address>', 'With --every: host:port that serves the metrics, or off (BOTAUDIT_METRICS)')
    .addOption(jsonOption())
    .action(async (_options: DoctorOptions, self: Command) => {
      const { doctor } = await import('./commands/doctor.js');
      await doctor(self.optsWithGlobals());
    });
  return withExamples(command, [
    ['Is all well?', 'botaudit doctor'],
    ['Up to the index', 'botaudit doctor --elasticsearch https://elasticsearch:9200'],
    ['As a service, beside the bot', 'botaudit doctor --every 5m --metrics 0.0.0.0:9733'],
  ]);
}
