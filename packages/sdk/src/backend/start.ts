import process from 'node:process';
import type { AuditBackend } from '@botaudit/api';
import { type ConfigSources, loadConfig } from '../config/load-config.js';
import { SdkBackend, sayProblems } from './backend.js';
import { DisabledBackend } from './disabled.js';
import { say } from './say.js';

/** A backend that can be ended before its thread does. */
export interface Backend extends AuditBackend {
  /** Closes the stream, and waits for its last records to be acknowledged as the end of the process would. */
  shutdown(): Promise<void>;
}

/**
 * Starts the backend of this thread. Nothing is written before a framework is announced or the first event comes.
 *
 * @throws {ConfigError} when the configuration is wrong, unless it says to go on.
 */
export function startBackend({ env = process.env, cwd = process.cwd() }: ConfigSources = {}): Backend {
  const config = loadConfig({ env, cwd });
  sayProblems(config);
  if (!config.disabled) return new SdkBackend(config, env, cwd);
  say('auditing is switched off, nothing is recorded');
  return new DisabledBackend();
}
