import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { Config, ConfigProblem, Setting } from '@botaudit/sdk';
import { EXIT, Failure } from '../failure.js';
import { Output } from '../output.js';
import { effective, ofPreset } from '../policy/effective.js';
import { harmless, harmlessJson } from '../text/harmless.js';

/** Options of `botaudit policy check`. */
export interface PolicyCheckOptions {
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
  /** Whether to print the rules in force, and the preset's settings. */
  readonly show?: boolean | undefined;
}

/**
 * Checks a configuration file with its policy, and prints what is wrong and what is warned of.
 *
 * @param file default: the one that a bot started here would read.
 */
export async function policyCheck(file: string | undefined, options: PolicyCheckOptions): Promise<void> {
  const path = resolve(file ?? options.config ?? (process.env.BOTAUDIT_CONFIG?.trim() || 'botaudit.yaml'));
  if (!existsSync(path)) throw new Failure(`${path} does not exist; name the file to be checked`);
  const { formatProblem, Policy, policyWarnings } = await import('@botaudit/sdk');
  const { config, settings = [], problems } = await configOf(path);
  const policy = config && new Policy(config.policy.rules);
  const warnings = policy ? policyWarnings(policy) : [];
  const output = new Output();
  if (options.json) {
    const rules = config?.policy.rules.map((rule, index) => ({ ...rule.place, ...policy?.describe()[index] }));
    const line = JSON.stringify({
      file: path,
      right: policy !== undefined,
      hash: policy?.hash,
      preset: config?.policy.preset,
      rules,
      settings: options.show ? ofPreset(settings) : undefined,
      problems,
      warnings,
    });
    output.line(output.isTerminal ? harmlessJson(line) : line);
  } else {
    const { paint } = output;
    const told = (problem: ConfigProblem) => harmless(formatProblem(shortened(problem)));
    for (const problem of problems) output.line(told(problem));
    for (const warning of warnings) output.line(`${told(warning)} ${paint('yellow', '(warning)')}`);
    if (policy && config && options.show) {
      for (const line of await effective(config, policy, settings, paint)) output.line(line);
    }
    output.line(
      policy
        ? `${paint('green', 'right')}: ${count(policy.rules.length, 'rule')}, ${count(warnings.length, 'warning')}; hash ${policy.hash}`
        : `${paint('red', 'wrong')}: ${count(problems.length, 'problem')}; a bot does not start with it`,
    );
  }
  await output.flush();
  process.exitCode = problems.length > 0 ? EXIT.no : EXIT.ok;
}

/** The configuration by this file and the environment, or what is wrong with it. */
async function configOf(path: string): Promise<{
  readonly config?: Config;
  readonly settings?: readonly Setting[];
  readonly problems: readonly ConfigProblem[];
}> {
  const { ConfigError, loadSettings } = await import('@botaudit/sdk');
  // Whether a bot would go on with what is wrong does not make it right.
  const { BOTAUDIT_ON_ERROR: _onError, BOTAUDIT_DISABLED: _disabled, ...env } = process.env;
  try {
    return { ...loadSettings({ env: { ...env, BOTAUDIT_CONFIG: path } }), problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { problems: error.problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)) };
  }
}

/** With the file's path as short as it is clear here. */
function shortened(problem: ConfigProblem): ConfigProblem {
  const { file } = problem;
  if (file === undefined) return problem;
  const short = relative('', file);
  return { ...problem, file: short.startsWith('..') ? file : short };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
