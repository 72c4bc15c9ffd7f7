// What can be told without writing anything.
import { accessSync, constants, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, join } from 'node:path';
import { supportedModules } from '@botaudit/auto/supported';
import type { BackendConfig, EndpointConfig } from '@botaudit/sdk';
import { type Finding, failed, ok, warning } from './check.js';

const OLDEST_NODE = [22, 15];

/** @param version of Node.js, as `process.versions` has it. */
export function nodeVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldest = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major > oldest || (major === oldest && minor >= oldestMinor)) return ok(version);
  return failed(`${version} is older than ${OLDEST_NODE.join('.')}`, 'run the bot with a newer Node.js');
}

/** What the configuration, which could be read, says of itself. */
export function configuration({ config }: BackendConfig): Finding {
  const { file, disabled, problems, warnings } = config;
  const where = file ?? 'no file; the environment and defaults';
  if (disabled) return failed(`${where}: auditing is switched off`, 'take back BOTAUDIT_DISABLED, or disabled: true');
  if (problems.length > 0) {
    const left = `${problems.length} wrong, left at the default (BOTAUDIT_ON_ERROR=continue)`;
    return failed(`${where}: ${left}`, 'unset BOTAUDIT_ON_ERROR to read what is wrong, and mend it');
  }
  if (warnings.length > 0) return warning(`${where}: ${warnings.join('; ')}`, 'mend the name, or take it out');
  return ok(where);
}

/** Which frameworks a program in `cwd` would load, and whether they are audited. */
export function frameworks(cwd: string): Finding {
  const modules = supportedModules();
  const found = modules.flatMap((module) => {
    const version = installedVersion(cwd, module.module);
    return version === undefined ? [] : [{ ...module, version }];
  });
  const names = modules.filter(({ isFramework }) => isFramework).map(({ module }) => module);
  if (!found.some(({ isFramework }) => isFramework)) {
    return warning(
      `none of ${names.join(', ')} is installed here`,
      "run this in the bot's folder; a bot that is bundled into one file has to call instrument()",
    );
  }
  const list = found.map(({ module, version }) => `${module} ${version}`).join(', ');
  const unsupported = found.filter(({ version, supports }) => !supports(version));
  if (unsupported.length === 0) return ok(list);
  const what = unsupported.map(({ module, version }) => `${module} ${version}`).join(', ');
  const wanted = unsupported.map(({ module, versions }) => `${module} ${versions}`).join(', ');
  return failed(`${what}: not a supported version, IT IS NOT AUDITED`, `supported: ${wanted}`);
}

/** As Node.js looks for a package, but for what its `exports` hide. */
function installedVersion(cwd: string, module: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(join(folder, 'node_modules', module, 'package.json'), 'utf8'));
      return String((manifest as { version?: unknown } | null)?.version);
    } catch {
      // Not there, or nothing that could be loaded either.
      if (folder === dirname(folder)) return undefined;
    }
  }
}

/** Where records go from the journal. Whether they get there is seen when one is sent. */
export function endpoint(endpoint: EndpointConfig | undefined): Finding {
  if (!endpoint) {
    return warning(
      'none is named: records stay in the journal',
      'set OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT, or endpoint.url in botaudit.yaml',
    );
  }
  const { origin, pathname, protocol, hostname } = new URL(endpoint.url);
  for (const key of ['certificate', 'clientKey', 'clientCertificate'] as const) {
    const path = endpoint[key];
    if (path === undefined) continue;
    try {
      accessSync(path, constants.R_OK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return failed(`${path} can't be read (${code})`, `name another file, or let uid ${process.geteuid?.()} read it`);
    }
  }
  const where = `${origin}${pathname}`;
  if (protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''))) return ok(where);
  return warning(`${where}: records and credentials go over the network in clear`, 'use https:// there');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
