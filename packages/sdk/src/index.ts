export type { ConfigOption, ConfigProblem, Environment, ListenAddress } from '@botaudit/config';
export { ConfigError, formatProblem } from '@botaudit/config';
export type { AccessLogOptions } from './access-log/access-log.js';
export { AccessLog } from './access-log/access-log.js';
export type { BackendConfig } from './backend/backend-config.js';
export { loadBackendConfig } from './backend/backend-config.js';
export { findFolder } from './backend/journal-home.js';
export type { Say } from './backend/say.js';
export type { Backend, BackendOptions } from './backend/start.js';
export { startBackend } from './backend/start.js';
export type { CanaryOptions, CanaryRecord } from './canary/canary.js';
export { Canary } from './canary/canary.js';
export type { EndpointConfig } from './config/endpoint.js';
export type { Config, ConfigSources, Setting } from './config/load-config.js';
export { configFile, loadConfig, loadSettings } from './config/load-config.js';
export { recordedRules } from './config/policy-config.js';
export { BOOTSTRAP_VARIABLES, CONFIG_OPTIONS } from './config/schema.js';
export type { Held as DuplicateClaim } from './duplicates/index.js';
export { Claims as DuplicateClaims } from './duplicates/index.js';
export type {
  ExportError,
  LabelsOf,
  MetricDefinition,
  MetricJson,
  MetricName,
  MetricSink,
  MetricsServer,
  MetricValueJson,
  OwnMetrics,
  ServeMetricsOptions,
} from './metrics/index.js';
export {
  EXPORT_ERRORS,
  joinRegistry,
  METRICS,
  Metrics,
  metricsText,
  publishToMeter,
  serveMetrics,
} from './metrics/index.js';
export type { PolicyAnswer } from './policy/policy.js';
export { Policy } from './policy/policy.js';
export { policyWarnings } from './policy/policy-warnings.js';
export type { PolicyRule, RuleQuery } from './policy/rule.js';
export { matchesRule } from './policy/rule.js';
export type { PresetName } from './presets/names.js';
export type { Preset } from './presets/presets.js';
export { PRESETS } from './presets/presets.js';
export type { Pauses, ShipDirectoryOptions, ShippingReport, ShipRejectedOptions } from './shipper/index.js';
export { shipDirectory, shipRejected } from './shipper/index.js';
