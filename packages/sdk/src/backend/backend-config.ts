import process from 'node:process';
import { ConfigError } from '@botaudit/config';
import { type FileState, fileState } from '../config/file-watch.js';
import { type Config, type ConfigSources, configFile, loadSettings, type Setting } from '../config/load-config.js';
import { Policy } from '../policy/policy.js';
import { PrivacySource } from '../protection/privacy-source.js';
import { configuredSigner } from '../signing/configured-signer.js';
import type { Signer } from '../signing/signer.js';

/** What a backend is configured by, with what the configuration only names. */
export interface BackendConfig {
  readonly config: Config;
  /** Every option as it is in force. */
  readonly settings: readonly Setting[];
  /** The state of the file before it was read, from which on its changes are to be found. */
  readonly fileState: FileState;
  readonly policy: Policy;
  /** The key that is configured to sign checkpoints. */
  readonly signer: Signer | undefined;
  /** What protects records beyond the removal of secrets. */
  readonly privacy: PrivacySource;
}

/**
 * The configuration as a process that writes to the journal needs it: with its keys read.
 *
 * @throws {ConfigError} when it is wrong, or a key of no use, unless it says to go on.
 */
export function loadBackendConfig({ env = process.env, cwd = process.cwd() }: ConfigSources = {}): BackendConfig {
  const known = fileState(configFile({ env, cwd }));
  const { config, settings } = loadSettings({ env, cwd });
  const policy = new Policy(config.policy.rules);
  const privacy = new PrivacySource(config.protection);
  const loaded = { config, settings, fileState: known, policy, privacy };
  if (config.disabled) return { ...loaded, signer: undefined };
  const { signer, problem } = configuredSigner(config.signing);
  const problems = [...(problem ? [problem] : []), ...(privacy.isAskedBy(policy.rules) ? privacy.load().problems : [])];
  if (problems.length === 0) return { ...loaded, signer };
  if (env.BOTAUDIT_ON_ERROR?.trim() !== 'continue') throw new ConfigError(problems);
  return { ...loaded, config: { ...config, problems: [...config.problems, ...problems] }, signer };
}
