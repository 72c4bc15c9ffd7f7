import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, Policy } from '@botaudit/sdk';
import { afterEach, beforeEach } from 'vitest';
import { botaudit } from './botaudit.js';

/** The folder of the test that runs, in which the commands about policies are run; anew for each test. */
export let folder: string;

/** Gives each test of the file a folder. */
export function usePolicyFolder(): void {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'botaudit-policy-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
}

/** Writes a configuration with these rules, on lines 3 and following. */
export function write(rules: readonly string[], name = 'botaudit.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, `policy:\n  rules:\n${rules.map((rule) => `    - ${rule}\n`).join('')}`);
  return file;
}

export const policy = (...args: string[]) => botaudit(['policy', ...args], { cwd: folder });

/** The hash of the policy that stands there. */
export const hashHere = () => new Policy(loadConfig({ env: {}, cwd: folder }).policy.rules).hash;
