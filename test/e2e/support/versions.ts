import { copyFile, cp, readdir, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { fixture } from './bot-run.ts';

/**
 * A bot's file of these tests, in a project of its own with the oldest version of its framework that is supported:
 * installed beside the newest, as `<framework>-oldest`.
 *
 * @param module as the framework is imported. Default: by its name.
 * @param beside other files that the bot's imports.
 */
export async function besideOldest(
  framework: string,
  file: string,
  module = framework,
  beside: readonly string[] = [],
): Promise<string> {
  const project = await temporaryFolder();
  const modules = join(project, 'node_modules');
  const [oldest] = fileURLToPath(import.meta.resolve(`${framework}-oldest`)).split(/(?<=-oldest)\//, 1);
  if (oldest === undefined) throw new Error(`${framework}-oldest is not installed`);
  await cp(oldest, join(modules, module), { recursive: true });
  // What it needs is shared, where it has none of its own.
  const [scope] = module.split(/\/.*/, 1);
  await share(dirname(oldest), modules, scope ?? module);
  if (module.includes('/'))
    await share(join(dirname(oldest), scope ?? ''), join(modules, scope ?? ''), basename(module));
  const bot = join(project, basename(file));
  for (const copied of [file, ...beside]) await copyFile(fixture(copied), join(project, basename(copied)));
  return bot;
}

/** Links what is installed in one folder into another, but for what has its own there. */
async function share(from: string, to: string, except: string): Promise<void> {
  for (const name of await readdir(from)) {
    if (!/^\.|-oldest$/.test(name) && name !== except) await symlink(join(from, name), join(to, name));
  }
}
