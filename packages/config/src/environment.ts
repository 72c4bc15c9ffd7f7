import type { ConfigOption } from './option.js';
import { suggest } from './suggest.js';

/** Environment variables, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

// What Kubernetes puts into every container for each service of the namespace, and Docker for a link: for a service
// named botaudit they begin with our prefix.
const INJECTED =
  /(?:_SERVICE_HOST|_SERVICE_PORT(?:_[A-Z0-9_]+)?|_PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** Variables with `prefix` that mean nothing, each with the one that was probably meant. */
export function unknownVariables(
  env: Environment,
  prefix: string,
  known: readonly string[],
): readonly { readonly name: string; readonly meant: string | undefined }[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !known.includes(name) && !INJECTED.test(name))
    .sort()
    .map((name) => ({ name, meant: suggest(name, known) }));
}

/** The options that the environment sets. A variable that is empty counts as not set, as in OpenTelemetry. */
export function fromEnvironment(options: readonly ConfigOption[], env: Environment): ReadonlyMap<ConfigOption, string> {
  const found = new Map<ConfigOption, string>();
  for (const option of options) {
    const value = option.env === undefined ? undefined : env[option.env];
    if (value !== undefined && value.trim() !== '') found.set(option, value.trim());
  }
  return found;
}
