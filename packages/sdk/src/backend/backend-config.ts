import process from 'node:process';
import { ConfigError } from '@botaudit/config';
import { type Config, type ConfigSources, loadConfig } from '../config/load-config.js';
import { Policy } from '../policy/policy.js';
import { PrivacySource } from '../protection/privacy-source.js';
import { configuredSigner } from '../signing/configured-signer.js';
import type { Signer } from '../signing/signer.js';

/** What a backend is configured by, with what the configuration only names. */
export interface BackendConfig {
  readonly config: Config;
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
  const config = loadConfig({ env, cwd });
  const policy = new Policy(config.policy.rules);
  const privacy = new PrivacySource(config.protection);
  if (config.disabled) return { config, policy, signer: undefined, privacy };
  const { signer, problem } = configuredSigner(config.signing);
  const problems = [...(problem ? [problem] : []), ...(privacy.isAskedBy(policy.rules) ? privacy.load().problems : [])];
  if (problems.length === 0) return { config, policy, signer, privacy };
  if (env.BOTAUDIT_ON_ERROR?.trim() !== 'continue') throw new ConfigError(problems);
  return { config: { ...config, problems: [...config.problems, ...problems] }, policy, signer, privacy };
}
