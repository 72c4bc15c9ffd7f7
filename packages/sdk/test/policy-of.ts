import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../src/index.js';
import { Policy } from '../src/policy/policy.js';

/** A `botaudit.yaml` in `folder` with these rules, each a flow mapping, on lines 3 and following. */
export function writePolicy(folder: string, ...rules: string[]): void {
  writeFileSync(join(folder, 'botaudit.yaml'), `policy:\n  rules:\n${rules.map((rule) => `    - ${rule}\n`).join('')}`);
}

/** The policy of the `botaudit.yaml` in `folder`. */
export function policyIn(folder: string, env: Record<string, string> = {}): Policy {
  return new Policy(loadConfig({ env, cwd: folder }).policy.rules);
}
