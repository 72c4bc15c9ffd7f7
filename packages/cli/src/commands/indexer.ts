import { resolve } from 'node:path';
import type { ArchiveReport, SetupReport, SetupStep } from '@botaudit/indexer';
import { EXIT, Failure } from '../failure.js';
import { Output } from '../output.js';
import { say } from '../stderr.js';
import type { Paint } from '../text/columns.js';
import { harmless } from '../text/harmless.js';
import { stopSignal } from './stop-signal.js';

/** Options of `botaudit index`. */
export interface IndexOptions {
  readonly setup?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly archive?: readonly string[] | undefined;
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Runs the indexer until it is told to stop; or, with `setup`, makes Elasticsearch ready for it; or, with `archive`,
 * writes what those files hold.
 */
export async function index({ setup, dryRun = false, archive, config, json }: IndexOptions): Promise<void> {
  if (dryRun && !setup) throw Failure.usage('--dry-run goes with --setup; see botaudit index --help');
  if (archive && setup) throw Failure.usage('--archive and --setup are two things to do; one after the other, please');
  const indexer = await loadIndexer();
  const env = { ...process.env };
  if (config !== undefined) env.BOTAUDIT_INDEXER_CONFIG = resolve(config);
  if (setup) {
    const report = await indexer.runSetup({ env, dryRun }).catch((error: Error) => {
      if (error instanceof indexer.ClusterError) throw new Failure(`Elasticsearch was not set up: ${error.message}`);
      throw error;
    });
    return await printReport(report, json);
  }
  if (archive) {
    const { signal } = stopSignal();
    const report = await indexer.replayArchive({ env, files: archive, signal, say }).catch((error: Error) => {
      if (error instanceof indexer.ArchiveError) throw new Failure(error.message);
      throw error;
    });
    return await printArchiveReport(report, json);
  }
  const output = new Output();
  await indexer.runIndexer({
    env,
    signal: stopSignal().signal,
    say,
    onStart({ url = null, adminUrl }) {
      if (!json) return;
      output.line(JSON.stringify({ url, metrics: adminUrl === undefined ? null : `${adminUrl}/metrics` }));
      // Who started it may be waiting for this line; what is wrong with it is said at the end.
      output.flush().catch(() => {});
    },
  });
  await output.flush();
}

/** The indexer is a package of its own, with a client of Elasticsearch that no bot has use for. */
async function loadIndexer(): Promise<typeof import('@botaudit/indexer')> {
  try {
    return await import('@botaudit/indexer');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Not for a package that the indexer itself lacks.
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes("'@botaudit/indexer'")) throw error;
    throw new Failure(
      'the indexer is not installed; it is a package of its own, to be installed where @botaudit/cli is: ' +
        'npm install @botaudit/indexer (with --global if botaudit is global)',
    );
  }
}

async function printArchiveReport(report: ArchiveReport, json: boolean | undefined): Promise<void> {
  const { files, lines, damaged, records, complete } = report;
  const output = new Output();
  if (json) await output.line(JSON.stringify(report));
  else {
    const { stored, known, rejected } = records;
    const parts = [`${stored} stored`, `${known} there already`, `${rejected} rejected`];
    const left = complete ? '' : '; not all of it has its place: do it again';
    await output.line(
      `${plural(lines, 'line')} of ${plural(files, 'file')}, ${damaged} damaged: records ${parts.join(', ')}${left}`,
    );
  }
  await output.flush();
  process.exitCode = complete ? EXIT.ok : EXIT.failed;
}

const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

async function printReport(report: SetupReport, json: boolean | undefined): Promise<void> {
  const { steps, dryRun, complete } = report;
  const notable = steps.filter(({ action }) => action !== 'unchanged');
  const undone = notable.filter(isUndone).length;
  const changes = notable.length - undone;
  const output = new Output();
  if (json) {
    await output.line(JSON.stringify(report));
  } else {
    for (const step of notable) await output.line(stepLines(step, output.paint));
    const left = undone === 0 ? '' : `; ${undone} could not be set up`;
    await output.line(`${dryRun ? 'would change' : 'changed'} ${changes} of ${steps.length}${left}`);
  }
  await output.flush();
  process.exitCode = !complete ? EXIT.failed : dryRun && changes > 0 ? EXIT.no : EXIT.ok;
}

const isUndone = ({ action }: SetupStep) => action === 'unavailable' || action === 'forbidden';

function stepLines(step: SetupStep, paint: Paint): string {
  const action = paint(isUndone(step) ? 'red' : 'yellow', step.action.padEnd('unavailable'.length));
  return [`${action} ${step.name}`, ...step.details.map((detail) => `  ${harmless(detail)}`)].join('\n');
}
