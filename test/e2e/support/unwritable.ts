import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import type { BotRunOptions } from './bot-run.ts';

/**
 * How a bot is started that can write no journal anywhere, whoever runs the test, not even root.
 *
 * @param rule of the policy, as YAML.
 */
export async function unwritable(rule: string): Promise<BotRunOptions> {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'botaudit.yaml'), `policy:\n  rules:\n    - ${rule}\n`);
  await chmod(cwd, 0o555);
  const isRoot = process.getuid?.() === 0;
  return {
    cwd,
    env: { BOTAUDIT_DIR: undefined, HOME: '/nonexistent', TMPDIR: cwd },
    through: isRoot ? ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups', '--no-new-privs'] : [],
  };
}
