import { ConfigError, type ConfigProblem, type Environment, formatProblem } from '@botaudit/config';
import { type FileState, FileWatch, fileState, IRREGULAR } from '../config/file-watch.js';
import { type Config, configFile, loadSettings, type Setting } from '../config/load-config.js';
import type { MetricSink } from '../metrics/index.js';
import { Policy } from '../policy/policy.js';
import { policyWarnings } from '../policy/policy-warnings.js';
import type { PrivacySource } from '../protection/privacy-source.js';
import type { CountedPolicy } from './counted-policy.js';
import type { Say } from './say.js';
import type { AuditStream } from './stream.js';
import type { LoadedPolicy } from './stream-events.js';

/** What takes effect without a restart. */
const RELOADED: readonly string[] = ['policy.preset', 'policy.rules'];

/** What a policy is reloaded into. */
export interface PolicyReloadOptions {
  readonly env: Environment;
  readonly cwd: string;
  /** The configuration that this thread started with. */
  readonly config: Config;
  readonly settings: readonly Setting[];
  /** The state of the file before that was read. */
  readonly fileState: FileState;
  readonly policy: CountedPolicy;
  readonly privacy: PrivacySource;
  readonly stream: AuditStream;
  readonly metrics: MetricSink;
  readonly say: Say;
  readonly onError: (error: unknown) => void;
}

/**
 * Watches the configuration file, and puts a changed policy in the place of the one in force. A file with anything wrong
 * in it leaves that as it is. Either is on the chain.
 */
export class PolicyReload {
  readonly #options: PolicyReloadOptions;
  /** As it is named to a process that must not go on without it. */
  readonly #path: string;
  readonly #env: Environment;
  readonly #watch: FileWatch | undefined;
  #loaded: LoadedPolicy;
  /** What is wrong with the file; empty when nothing is. */
  #problems: readonly string[];
  /** Told already. */
  #needsRestart = '';

  constructor(options: PolicyReloadOptions) {
    const { config, env, cwd, fileState: known, metrics } = options;
    this.#options = options;
    this.#path = configFile({ env, cwd });
    // As it was at the start: what the bot makes of its environment later is none of the file's.
    this.#env = { ...env, BOTAUDIT_CONFIG: this.#path, BOTAUDIT_ON_ERROR: undefined };
    this.#loaded = { file: config.file, preset: config.policy.preset };
    this.#problems = config.problems.map(formatProblem);
    metrics.set('audit_config_invalid', {}, this.#problems.length > 0 ? 1 : 0);
    const { watchIntervalMs: intervalMs } = config.policy;
    if (intervalMs === 0) return;
    this.#watch = new FileWatch({ path: this.#path, known, intervalMs, onChange: () => this.#changed() });
  }

  /** Where the policy in force is from. */
  get loaded(): LoadedPolicy {
    const { privacy, policy } = this.#options;
    const isAsked = privacy.isAskedBy(policy.policy.rules);
    return { ...this.#loaded, protection: isAsked ? privacy.load().said : undefined };
  }

  stop(): void {
    this.#watch?.stop();
  }

  #changed(): void {
    try {
      const read = this.#read();
      if ('problems' in read) this.#refuse(read.problems);
      else this.#take(read.config, read.settings);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  /** As a process that starts now would read it, and not go on with anything wrong. */
  #read(): ReturnType<typeof loadSettings> | { readonly problems: readonly ConfigProblem[] } {
    // Who puts a pipe there would have the bot wait for whoever writes to it.
    if (fileState(this.#path) === IRREGULAR) {
      return { problems: [{ file: this.#path, problem: 'is no regular file', allowed: 'a readable YAML file' }] };
    }
    try {
      const read = loadSettings({ env: this.#env, cwd: this.#options.cwd });
      const { privacy } = this.#options;
      // The keys are those of the start, and of no use now as then.
      const isAsked = privacy.isAskedBy(read.config.policy.rules);
      const problems = [...read.config.problems, ...(isAsked ? privacy.load().problems : [])];
      return problems.length > 0 ? { problems } : read;
    } catch (error) {
      if (error instanceof ConfigError) return error;
      throw error;
    }
  }

  #refuse(problems: readonly ConfigProblem[]): void {
    const { metrics, say, stream, policy } = this.#options;
    metrics.add('audit_policy_reloads_total', { result: 'invalid' });
    metrics.set('audit_config_invalid', {}, 1);
    const texts = problems.map(formatProblem);
    if (texts.join('\n') === this.#problems.join('\n')) return;
    this.#problems = texts;
    say(`THE CONFIGURATION IS WRONG; the policy from before stays in force (hash ${policy.policy.hash})`);
    for (const text of texts) say(`  ${text}`);
    stream.note(stream.events.configInvalid(problems));
  }

  #take(config: Config, settings: readonly Setting[]): void {
    const { metrics, say, stream, policy } = this.#options;
    const wasWrong = this.#problems.length > 0;
    this.#problems = [];
    metrics.add('audit_policy_reloads_total', { result: 'loaded' });
    metrics.set('audit_config_invalid', {}, 0);
    const previousHash = policy.policy.hash;
    const next = new Policy(config.policy.rules);
    const isNew = next.hash !== previousHash;
    const needsRestart = this.#changedSince(settings);
    if (isNew) this.#use(next, config);
    else if (wasWrong) say(`${this.#path} is right again, and its policy is the one in force`);
    this.#sayRestart(needsRestart);
    if (!isNew && !wasWrong) return;
    this.#loaded = { file: config.file, preset: config.policy.preset };
    // Where nothing is on record yet, the beginning of it will say so.
    if (!stream.isOpen) return;
    stream.note(stream.events.policyLoaded({ ...this.loaded, previousHash, needsRestart }));
  }

  #use(next: Policy, { policy: { rules } }: Config): void {
    const { policy, say, stream } = this.#options;
    policy.replace(next);
    const count = `${rules.length} rule${rules.length === 1 ? '' : 's'}`;
    say(`the policy of ${this.#path} has changed and takes effect: ${count}, hash ${next.hash}`);
    for (const warning of policyWarnings(next)) say(formatProblem(warning));
    if (next.failsClosed && stream.isOpen && stream.home?.directory === undefined) sayNotOnDisk(say);
  }

  /** Options other than the policy that are not as at the start. */
  #changedSince(settings: readonly Setting[]): string[] {
    const before = new Map(this.#options.settings.map(({ key, value }) => [key, JSON.stringify(value)]));
    return settings
      .filter(({ key, value }) => !RELOADED.includes(key) && before.get(key) !== JSON.stringify(value))
      .map(({ key }) => key);
  }

  #sayRestart(needsRestart: readonly string[]): void {
    const keys = needsRestart.join(', ');
    const isTold = keys === this.#needsRestart;
    this.#needsRestart = keys;
    if (keys === '' || isTold) return;
    this.#options.say(`of ${this.#path} has changed too, and takes effect with the next start only: ${keys}`);
  }
}

/** Memory alone is not enough for what fails closed. */
export function sayNotOnDisk(say: Say): void {
  say('WHAT FAILS CLOSED WILL NOT HAPPEN: memory is not enough for it');
}
