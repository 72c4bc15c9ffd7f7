import { dirname, resolve } from 'node:path';
import {
  ConfigError,
  type ConfigPlace,
  type ConfigProblem,
  type Environment,
  type ListenAddress,
  readConfig,
  readYamlFile,
  unknownVariables,
} from '@botaudit/config';
import type { PolicyRule } from '../policy/rule.js';
import type { PresetName } from '../presets/names.js';
import { PRESETS } from '../presets/presets.js';
import { type EndpointConfig, endpointUrl } from './endpoint.js';
import { toPolicyRules } from './policy-config.js';
import { type ProtectionConfig, toProtection } from './protection-config.js';
import { BOOTSTRAP_VARIABLES, CONFIG_OPTIONS, CONFIG_SCHEMA } from './schema.js';

/** The configuration of auditing in one process. `CONFIG_OPTIONS` says what each option means. */
export interface Config {
  readonly disabled: boolean;
  /** The file that was read; `undefined` when there was none. */
  readonly file: string | undefined;
  readonly service: { readonly name: string | undefined; readonly attributes: Readonly<Record<string, string>> };
  readonly journal: {
    readonly directory: string | undefined;
    readonly groupRead: boolean;
    /** `undefined`: as the file system suggests. */
    readonly durability: 'memory' | 'process' | 'power' | undefined;
    /** With durability `power`. */
    readonly syncIntervalMs: number;
    readonly maxBytes: number;
    /** Below 1: a share of the file system. */
    readonly minFreeBytes: number;
    readonly segmentMaxBytes: number;
    readonly segmentMaxAgeMs: number;
    readonly compress: 'zstd' | 'none';
    readonly keepAcknowledgedMs: number;
    readonly maxAgeMs: number | undefined;
    readonly ack: 'collector' | 'archive' | 'external';
  };
  /** What is recorded of which event: the first rule that is about it decides, else the catalogue of events. */
  readonly policy: {
    readonly preset: PresetName | undefined;
    /** Those of the file, then those of the preset. */
    readonly rules: readonly PolicyRule[];
    /** 0: the file is not watched. */
    readonly watchIntervalMs: number;
  };
  readonly protection: ProtectionConfig;
  /** `undefined`: records stay in the journal. */
  readonly endpoint: EndpointConfig | undefined;
  /** What signs checkpoints, and how often. With neither key the one in the journal's folder does. */
  readonly signing: {
    /** PEM. A secret. */
    readonly key: string | undefined;
    readonly keyFile: string | undefined;
    readonly checkpointRecords: number;
    readonly checkpointIntervalMs: number;
    /** What `botaudit timestamp` reads. */
    readonly timestamps: {
      readonly url: string | undefined;
      /** File with certificates (PEM). */
      readonly authorities: string | undefined;
      readonly policy: string | undefined;
      readonly timeoutMs: number;
    };
  };
  /** Whether and where it is recorded who reads the journal. */
  readonly accessLog: {
    readonly mode: 'required' | 'best-effort' | 'off';
    /** `undefined`: beside the journal that is read, else in the home of whoever reads. */
    readonly directory: string | undefined;
  };
  /** Where in `_meta` an MCP client says who its user is; `undefined`: that is not looked at. */
  readonly mcp: { readonly claimedUser: string | undefined };
  /** `undefined`: no metrics are served. */
  readonly metrics: ListenAddress | undefined;
  /** 0: no heartbeat. */
  readonly heartbeatIntervalMs: number;
  readonly exitTimeoutMs: number;
  /** What was wrong and left at its default; empty unless `BOTAUDIT_ON_ERROR=continue`. */
  readonly problems: readonly ConfigProblem[];
  /** What is no error but should be said, a line each. */
  readonly warnings: readonly string[];
}

/** Where a configuration comes from. */
export interface ConfigSources {
  /** Default: `process.env`. */
  readonly env?: Environment;
  /** Default: the working folder of the process. */
  readonly cwd?: string;
}

/** An option as it is in force. */
export interface Setting {
  /** As in the file, e.g. `journal.max_bytes`. */
  readonly key: string;
  /** As it was understood. May be a secret: see `CONFIG_OPTIONS`. */
  readonly value: unknown;
  /** Where it was set; its key alone where it is the default, or the preset's. */
  readonly place: ConfigPlace;
  readonly isOfPreset: boolean;
}

/** The configuration file that a process which starts so reads; there may be none where `BOTAUDIT_CONFIG` names none. */
export function configFile({ env = process.env, cwd = process.cwd() }: ConfigSources = {}): string {
  return resolve(cwd, env.BOTAUDIT_CONFIG?.trim() || 'botaudit.yaml');
}

/**
 * Reads the configuration from `botaudit.yaml` and the environment.
 *
 * @throws {ConfigError} when anything in it is wrong, unless auditing is disabled or `BOTAUDIT_ON_ERROR=continue`: then
 * what is wrong is left at its default, and an endpoint with anything wrong is not used at all.
 */
export function loadConfig(sources: ConfigSources = {}): Config {
  return loadSettings(sources).config;
}

/** As {@link loadConfig}, with every option as it is in force. */
export function loadSettings({ env = process.env, cwd = process.cwd() }: ConfigSources = {}): {
  readonly config: Config;
  readonly settings: readonly Setting[];
} {
  const { file, read } = readSources(env, cwd);
  const settings = CONFIG_OPTIONS.map(({ key }) => ({
    key,
    value: key.split('.').reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], read.values),
    place: read.place(key),
    isOfPreset: read.isSuggested(key),
  }));
  return { config: toConfig(env, file, read), settings };
}

type ReadValues = ReturnType<typeof readConfig<typeof CONFIG_SCHEMA>>;

/** What file and environment say, and for what they do not say, the preset that they name. */
function readSources(env: Environment, cwd: string): { readonly file: string | undefined; readonly read: ReadValues } {
  const file = readYamlFile(configFile({ env, cwd }), !env.BOTAUDIT_CONFIG?.trim());
  const sources = { env, cwd, file, fileFolder: file && dirname(file.file) };
  const read = readConfig(CONFIG_SCHEMA, sources);
  const { preset } = read.values.policy;
  if (preset === undefined) return { file: file?.file, read };
  const suggested = Object.fromEntries(
    Object.entries(PRESETS[preset].settings).map(([key, { value }]) => [key, value]),
  );
  return { file: file?.file, read: readConfig(CONFIG_SCHEMA, { ...sources, suggested }) };
}

function toConfig(env: Environment, file: string | undefined, { values, problems, place }: ReadValues): Config {
  const all = [...onErrorProblems(env), ...problems];
  const endpoint = toEndpoint(values.endpoint, all);
  const rules = toPolicyRules(values.policy, place, all);
  const protection = toProtection(values.protection, rules, place, all);
  if (values.signing.key !== undefined && values.signing.key_file !== undefined) {
    all.push({ key: 'signing.key', problem: 'stands beside signing.key_file', allowed: 'one of the two' });
  }
  const stops = env.BOTAUDIT_ON_ERROR?.trim() !== 'continue' && !values.disabled;
  if (all.length > 0 && stops) throw new ConfigError(all);
  const { journal } = values;
  return {
    disabled: values.disabled,
    file,
    service: { name: values.service.name, attributes: values.service.attributes },
    journal: {
      directory: journal.directory,
      groupRead: journal.group_read,
      durability: journal.durability,
      syncIntervalMs: journal.sync_interval_ms,
      maxBytes: journal.max_bytes,
      minFreeBytes: journal.min_free_bytes,
      segmentMaxBytes: journal.segment_max_bytes,
      segmentMaxAgeMs: journal.segment_max_age_seconds * 1000,
      // Whoever reads the files by themselves does not expect them to be replaced.
      compress: journal.compress ?? (journal.ack === 'external' ? 'none' : 'zstd'),
      keepAcknowledgedMs: journal.keep_acknowledged_seconds * 1000,
      maxAgeMs: journal.max_age_seconds === undefined ? undefined : journal.max_age_seconds * 1000,
      ack: journal.ack,
    },
    policy: { preset: values.policy.preset, rules, watchIntervalMs: values.policy.watch_interval_ms },
    protection,
    endpoint,
    signing: {
      key: values.signing.key,
      keyFile: values.signing.key_file,
      checkpointRecords: values.signing.checkpoint_records,
      checkpointIntervalMs: values.signing.checkpoint_interval_seconds * 1000,
      timestamps: {
        url: values.signing.timestamp_url,
        authorities: values.signing.timestamp_ca,
        policy: values.signing.timestamp_policy,
        timeoutMs: values.signing.timestamp_timeout_ms,
      },
    },
    accessLog: { mode: values.access_log.mode, directory: values.access_log.directory },
    mcp: { claimedUser: values.mcp.claimed_user },
    metrics: values.metrics === 'off' ? undefined : values.metrics,
    heartbeatIntervalMs: values.heartbeat_interval_seconds * 1000,
    exitTimeoutMs: values.exit_timeout_ms,
    problems: all,
    warnings: warnings(env),
  };
}

function onErrorProblems(env: Environment): ConfigProblem[] {
  const value = env.BOTAUDIT_ON_ERROR?.trim() ?? '';
  if (value === '' || value === 'stop' || value === 'continue') return [];
  return [{ variable: 'BOTAUDIT_ON_ERROR', problem: 'wrong value', allowed: 'stop, continue' }];
}

type EndpointValues = ReadValues['values']['endpoint'];

function toEndpoint(values: EndpointValues, problems: ConfigProblem[]): EndpointConfig | undefined {
  const key = values.client_key;
  const certificate = values.client_certificate;
  if ((key === undefined) !== (certificate === undefined)) {
    problems.push({
      key: key === undefined ? 'endpoint.client_key' : 'endpoint.client_certificate',
      problem: 'is missing',
      allowed: 'both endpoint.client_key and endpoint.client_certificate, or neither',
    });
  }
  // Half a set of TLS files or headers must not lead to a weaker connection than was meant.
  if (values.url === undefined || problems.some((problem) => problem.key?.startsWith('endpoint'))) return undefined;
  return {
    url: endpointUrl(values.url),
    headers: values.headers,
    certificate: values.certificate,
    clientKey: key,
    clientCertificate: certificate,
    compression: values.compression,
    timeoutMs: values.timeout_ms,
    protocol: values.protocol,
  };
}

function warnings(env: Environment): string[] {
  const known = [...CONFIG_OPTIONS, ...BOOTSTRAP_VARIABLES].map((entry) => entry.env ?? '');
  const own = known.filter((name) => name.startsWith('BOTAUDIT_'));
  return unknownVariables(env, 'BOTAUDIT_', own).map(
    ({ name, meant }) => `${name} means nothing here${meant === undefined ? '' : `; did you mean ${meant}?`}`,
  );
}
