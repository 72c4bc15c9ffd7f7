import { copyFile, cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { fixture } from './bot-run.ts';

/** A bot's file of these tests, in a project of its own with the oldest Telegraf that is supported. */
export async function besideOldestTelegraf(file: string): Promise<string> {
  const project = await temporaryFolder();
  const modules = join(project, 'node_modules');
  await mkdir(modules);
  const oldest = dirname(dirname(fileURLToPath(import.meta.resolve('telegraf-oldest'))));
  await cp(oldest, join(modules, 'telegraf'), { recursive: true });
  // What it needs is shared, where it has none of its own.
  const installed = dirname(oldest);
  for (const name of await readdir(installed)) {
    if (!/^(\.|telegraf)/.test(name)) await symlink(join(installed, name), join(modules, name));
  }
  const bot = join(project, basename(file));
  await copyFile(fixture(`telegraf/${file}`), bot);
  return bot;
}
