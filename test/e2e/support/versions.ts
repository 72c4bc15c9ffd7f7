import { existsSync } from 'node:fs';
import { copyFile, cp, readdir, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { fixture } from './bot-run.ts';

/**
 * A bot's file of these tests, in a project of its own with the oldest version of its framework that is supported:
 * installed beside the newest, as `<framework>-oldest`.
 *
 * @param name as the framework is imported. Default: as it is called here.
 */
export async function besideOldest(framework: string, file: string, name = framework): Promise<string> {
  const project = await temporaryFolder();
  const modules = join(project, 'node_modules');
  const paths = createRequire(import.meta.url).resolve.paths(framework) ?? [];
  const oldest = paths.map((path) => join(path, `${framework}-oldest`)).find((path) => existsSync(path));
  if (oldest === undefined) throw new Error(`${framework}-oldest is not installed`);
  await cp(oldest, join(modules, name), { recursive: true });
  // What it needs is shared, where it has none of its own.
  const installed = dirname(oldest);
  const [scopeOrName] = name.split('/', 1);
  for (const entry of await readdir(installed)) {
    if (/^\.|-oldest$/.test(entry) || entry === scopeOrName) continue;
    await symlink(join(installed, entry), join(modules, entry));
  }
  const bot = join(project, basename(file));
  await copyFile(fixture(file), bot);
  return bot;
}
