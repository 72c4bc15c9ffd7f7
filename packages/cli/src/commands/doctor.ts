import { type BackendConfig, ConfigError, loadBackendConfig } from '@botaudit/sdk';
import { CanaryLegs } from '../doctor/canary-legs.js';
import { type Check, check, failed, skip } from '../doctor/check.js';
import { Elasticsearch } from '../doctor/elasticsearch.js';
import { journalFolder } from '../doctor/journal-folder.js';
import { checkJson, checkLines, roundLine, verdict, worst } from '../doctor/report.js';
import { configuration, endpoint, frameworks, nodeVersion } from '../doctor/surroundings.js';
import { watch } from '../doctor/watch.js';
import { ELASTICSEARCH_VARIABLES } from '../elasticsearch/access.js';
import { environmentFor, type VariableOptions } from '../environment-for.js';
import { EXIT } from '../failure.js';
import { Output } from '../output.js';
import { say } from '../stderr.js';
import { harmlessJson } from '../text/harmless.js';
import { stopSignal } from './stop-signal.js';

/** Options of `botaudit doctor`. */
export interface DoctorOptions extends VariableOptions {
  /** A node of Elasticsearch. */
  readonly elasticsearch?: string | undefined;
  /** How long each leg of the canary may take, in milliseconds. */
  readonly timeout: number;
  /** How often a canary is sent, in milliseconds. Default: once. */
  readonly every?: number | undefined;
  readonly json?: boolean | undefined;
}

/** Checks what auditing needs here, and sends a record the whole way. With `every` it goes on with that. */
export async function doctor(options: DoctorOptions): Promise<void> {
  const elasticsearch =
    options.elasticsearch === undefined ? undefined : new Elasticsearch(options.elasticsearch, process.env);
  const env = environmentFor(options);
  for (const name of ELASTICSEARCH_VARIABLES) delete env[name];
  const { signal } = stopSignal();
  const report = new Report(options.json);
  const cwd = process.cwd();

  await report.add(await check('node', () => nodeVersion(process.versions.node)));
  const { made, loaded } = await readConfiguration(env, cwd);
  await report.add(made);
  await report.add(await check('frameworks', () => frameworks(cwd)));
  if (!loaded || loaded.config.disabled) {
    for (const name of ['journal', 'endpoint', 'canary']) await report.add(skip(name, 'configuration'));
    return await report.end();
  }
  const { config } = loaded;
  let directory: string | undefined;
  await report.add(
    await check('journal', () => {
      const { finding, path } = journalFolder({ config, env, cwd });
      directory = path;
      return finding;
    }),
  );
  await report.add(await check('endpoint', () => endpoint(config.endpoint)));
  if (directory === undefined) {
    await report.add(skip('canary', 'journal'));
    return await report.end();
  }
  const journal = directory;
  const open = () => new CanaryLegs({ configuration: loaded, env, elasticsearch, timeoutMs: options.timeout, say });
  if (options.every === undefined) return await sendOne(open(), report, signal);
  say(`a canary is sent every ${options.every / 1000} s; Ctrl-C ends it`);
  await watch({
    open,
    canOpen: () => journalFolder({ config, env, cwd }).path === journal,
    streamMaxAgeMs: config.journal.segmentMaxAgeMs,
    intervalMs: options.every,
    directory: journal,
    metrics: config.metrics,
    signal,
    onRound: (checks) => report.round(checks),
  });
}

async function sendOne(canary: CanaryLegs, report: Report, signal: AbortSignal): Promise<void> {
  try {
    for (const made of await canary.send(signal)) await report.add(made);
    await report.end();
  } catch (error) {
    if (!signal.aborted) throw error;
    // Whoever stopped it has no answer.
    process.exitCode = EXIT.failed;
  } finally {
    canary.close();
  }
}

async function readConfiguration(
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<{ made: Check; loaded: BackendConfig | undefined }> {
  let loaded: BackendConfig | undefined;
  const made = await check('configuration', () => {
    try {
      loaded = loadBackendConfig({ env, cwd });
      return configuration(loaded);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return failed(error.message.replaceAll(/\s*\n\s*/g, ' '), 'mend that; no bot starts with it either');
    }
  });
  return { made, loaded };
}

/** Prints checks as they are made; as JSON all together. */
class Report {
  readonly #output = new Output();
  readonly #json: boolean | undefined;
  readonly #checks: Check[] = [];

  constructor(json: boolean | undefined) {
    this.#json = json;
  }

  /** Shows a check at once: the next one may take a while. */
  async add(made: Check): Promise<void> {
    this.#checks.push(made);
    if (this.#json) return;
    this.#output.line(checkLines(made, this.#output.paint));
    await this.#output.flush();
  }

  /** Prints what it came to, and sets the exit code. */
  async end(): Promise<void> {
    const status = worst(this.#checks);
    if (this.#json) this.#line({ status, checks: this.#checks.map(checkJson) });
    else this.#output.line(verdict(this.#checks, this.#output.paint));
    await this.#output.flush();
    process.exitCode = status === 'failed' ? EXIT.no : EXIT.ok;
  }

  /** Prints a canary of many, in one line. */
  round(checks: readonly Check[]): void {
    const at = new Date();
    if (this.#json) this.#line({ at: at.toISOString(), status: worst(checks), checks: checks.map(checkJson) });
    else this.#output.line(roundLine(checks, at));
    // A reader who went away does not end a service that is watched by its metrics.
    this.#output.flush().catch(() => {});
  }

  #line(content: object): void {
    const line = JSON.stringify(content);
    this.#output.line(this.#output.isTerminal ? harmlessJson(line) : line);
  }
}
