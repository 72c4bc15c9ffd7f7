import { resolve } from 'node:path';

/** Options that mean the same as a variable. */
export interface VariableOptions {
  /** `--dir` */
  readonly dir?: string | undefined;
  /** `--config` */
  readonly config?: string | undefined;
  /** `--endpoint` */
  readonly endpoint?: string | undefined;
  /** `--metrics` */
  readonly metrics?: string | undefined;
}

/** The environment with options in place of the variables of the same meaning, so that both are checked alike. */
export function environmentFor({ dir, config, endpoint, metrics }: VariableOptions): NodeJS.ProcessEnv {
  const env = { ...process.env };
  if (dir !== undefined) env.BOTAUDIT_DIR = resolve(dir);
  if (config !== undefined) env.BOTAUDIT_CONFIG = resolve(config);
  if (endpoint !== undefined) env.OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT = endpoint;
  if (metrics !== undefined) env.BOTAUDIT_METRICS = metrics;
  return env;
}
