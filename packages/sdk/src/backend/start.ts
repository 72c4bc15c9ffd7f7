import process from 'node:process';
import type { AuditBackend } from '@botaudit/api';
import { formatProblem } from '@botaudit/config';
import type { Meter } from '@opentelemetry/api';
import type { Config, ConfigSources } from '../config/load-config.js';
import { policyWarnings } from '../policy/policy-warnings.js';
import { SdkBackend } from './backend.js';
import { loadBackendConfig } from './backend-config.js';
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
  const loaded = loadBackendConfig({ env, cwd });
  const { config, policy } = loaded;
  sayProblems(config, say);
  if (config.disabled) {
    say('auditing is switched off, nothing is recorded');
    return new DisabledBackend();
  }
  if (policy.rules.length > 0) for (const warning of policyWarnings(policy)) say(formatProblem(warning));
  try {
    return new SdkBackend({ ...loaded, env, cwd, say, meter });
  } catch (error) {
    if (!policy.failsClosed && !policy.blocks) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    say(`auditing could not be started, NOTHING IS AUDITED, AND WHAT FAILS CLOSED WILL NOT HAPPEN: ${reason}`);
    return new UnavailableBackend(policy, error);
  }
}

function sayProblems({ problems, warnings, disabled }: Config, say: Say): void {
  for (const warning of warnings) say(warning);
  if (problems.length === 0 || disabled) return;
  say('THE CONFIGURATION IS WRONG; what is wrong is left at its default (BOTAUDIT_ON_ERROR=continue)');
  for (const problem of problems) say(`  ${formatProblem(problem)}`);
}
