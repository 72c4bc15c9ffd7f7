import { copyFile, cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { fixture } from './bot-run.ts';

/**
 * A bot's file of these tests, in a project of its own with the oldest version of its framework that is supported:
 * installed beside the newest.
 *
 * @param alias as what. Default: `<framework>-oldest`.
 */
export async function besideOldest(framework: string, file: string, alias = `${framework}-oldest`): Promise<string> {
  const project = await temporaryFolder();
  const modules = join(project, 'node_modules');
  await mkdir(modules);
  const [oldest] = fileURLToPath(import.meta.resolve(alias)).split(/(?<=-oldest)\//, 1);
  if (oldest === undefined) throw new Error(`${alias} is not installed`);
  await cp(oldest, join(modules, framework), { recursive: true });
  // What it needs is shared, where it has none of its own.
  const installed = dirname(oldest);
  for (const name of await readdir(installed)) {
    if (!/^\.|-oldest$/.test(name) && name !== framework) await symlink(join(installed, name), join(modules, name));
  }
  const bot = join(project, basename(file));
  await copyFile(fixture(file), bot);
  return bot;
}
