import process from 'node:process';
import type { AuditBackend } from '@botaudit/api';
import { ConfigError, type Environment, formatProblem } from '@botaudit/config';
import type { Meter } from '@opentelemetry/api';
import { type Config, type ConfigSources, loadConfig } from '../config/load-config.js';
import { Policy } from '../policy/policy.js';
import { policyWarnings } from '../policy/policy-warnings.js';
import { configuredSigner } from '../signing/configured-signer.js';
import type { Signer } from '../signing/signer.js';
import { SdkBackend } from './backend.js';
import { DisabledBackend } from './disabled.js';
import { type Say, sayOnStderr } from './say.js';
import { UnavailableBackend } from './unavailable.js';

/** A backend that can be ended before its thread does. */
export interface Backend extends AuditBackend {
  /** Closes the stream, and waits for its last records to be acknowledged as the end of the process would. */
  shutdown(): Promise<void>;
}

/** Options of {@link startBackend}. */
export interface BackendOptions extends ConfigSources {
  /** Takes a line for people: where records go, what is wrong. Default: on stderr, after `botaudit: `. */
  readonly say?: Say;
  /** Gets the metrics too. Default: they are published to Prometheus alone. */
  readonly meter?: Meter;
}

/**
 * Starts the backend of this thread. Nothing is written before a framework is announced or the first event comes.
 *
 * @throws {ConfigError} when the configuration is wrong, unless it says to go on.
 */
export function startBackend({
  env = process.env,
  cwd = process.cwd(),
  say = sayOnStderr,
  meter,
}: BackendOptions = {}): Backend {
  const { config, signer } = withSigner(loadConfig({ env, cwd }), env);
  sayProblems(config, say);
  if (config.disabled) {
    say('auditing is switched off, nothing is recorded');
    return new DisabledBackend();
  }
  const policy = new Policy(config.policy.rules);
  if (policy.rules.length > 0) for (const warning of policyWarnings(policy)) say(formatProblem(warning));
  try {
    return new SdkBackend({ config, policy, signer, env, cwd, say, meter });
  } catch (error) {
    if (!policy.failsClosed) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    say(`auditing could not be started, NOTHING IS AUDITED, AND WHAT FAILS CLOSED WILL NOT HAPPEN: ${reason}`);
    return new UnavailableBackend(policy, error);
  }
}

/** @throws {ConfigError} when the configured key is of no use, unless the configuration says to go on. */
function withSigner(config: Config, env: Environment): { config: Config; signer: Signer | undefined } {
  if (config.disabled) return { config, signer: undefined };
  const { signer, problem } = configuredSigner(config.signing);
  if (!problem) return { config, signer };
  if (env.BOTAUDIT_ON_ERROR?.trim() !== 'continue') throw new ConfigError([problem]);
  return { config: { ...config, problems: [...config.problems, problem] }, signer };
}

function sayProblems({ problems, warnings, disabled }: Config, say: Say): void {
  for (const warning of warnings) say(warning);
  if (problems.length === 0 || disabled) return;
  say('THE CONFIGURATION IS WRONG; what is wrong is left at its default (BOTAUDIT_ON_ERROR=continue)');
  for (const problem of problems) say(`  ${formatProblem(problem)}`);
}
