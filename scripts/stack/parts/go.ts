import { statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inWorkFolder } from '../cache.ts';
import { findOnPath, run } from '../command.ts';
import { type InstallContext, StackError } from '../part.ts';

/** What a build with Go needs. */
export interface GoNeeds {
  /** What is built, as it begins a sentence. */
  readonly title: string;
  /** Oldest release of Go that will do, such as `1.26.7`. */
  readonly oldest: string;
  /** As much as a cold build leaves in Go's caches. */
  readonly bytes: number;
  /** What else a user can do. */
  readonly otherwise: string;
}

/** Go, and the environment to run it in. */
export interface Go {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Finds a Go that is new enough, and says it when the disk of its caches may be too small; the build is to be tried all
 * the same, for they may be full already.
 *
 * @throws {StackError} when there is none, or an older one.
 */
export async function findGo({ env, progress }: Pick<InstallContext, 'env' | 'progress'>, needs: GoNeeds): Promise<Go> {
  const { title, oldest, bytes, otherwise } = needs;
  const command = await findOnPath('go', env);
  if (!command) {
    throw new StackError(`${title} is built with Go, and there is no \`go\` on the PATH. Install Go ${oldest} or newer.
${otherwise}`);
  }
  const goEnv = { ...env, GOFLAGS: '-buildvcs=false', GOTOOLCHAIN: 'local' };
  const said = await run(command, ['version'], { env: goEnv });
  if (!isAtLeast(/go(\d+(?:\.\d+)*)/.exec(said)?.[1] ?? '', oldest)) {
    throw new StackError(
      `${title} needs Go ${oldest} or newer to build; ${command} says "${said.trim()}".\n${otherwise}`,
    );
  }
  const folders = (await run(command, ['env', 'GOMODCACHE', 'GOCACHE'], { env: goEnv })).trim().split('\n');
  progress.say(`  Go's caches: ${folders.join(', ')}`);
  // The folders may not exist yet; the folder of the user does.
  const { bavail, bsize } = await statfs(folders[0] ?? '.').catch(() => statfs(env.HOME ?? '.'));
  if (bavail * bsize < bytes) {
    progress.say(
      `  Only ${(bavail * bsize * 1e-9).toFixed(1)} GB are free there; a cold build needs ${bytes * 1e-9} GB.`,
    );
  }
  return { command, env: goEnv };
}

function isAtLeast(version: string, oldest: string): boolean {
  const have = version.split('.').map(Number);
  for (const [index, wanted] of oldest.split('.').map(Number).entries()) {
    const part = have[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

/** Programs of one Go module. */
export interface GoPrograms {
  /** Packages of commands, with the module's version: `example.org/module/cmd/name@v1.2.3`. */
  readonly packages: readonly string[];
  readonly tags?: readonly string[];
  /** Values that the linker puts into variables, by their full names. */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * Builds the programs of one module. What an interrupted build has fetched and compiled stays in Go's caches, and is not
 * done again.
 *
 * @param take gets the folder with the executables, on the disk of the cache; the folder is removed afterwards.
 * @throws {StackError} when Go is missing or too old, or a step fails.
 */
export async function installWithGo(
  context: InstallContext,
  needs: GoNeeds,
  { packages, tags = [], variables = {} }: GoPrograms,
  take: (folder: string) => Promise<void>,
): Promise<void> {
  const { cache, progress } = context;
  const go = await findGo(context, needs);
  const log = join(cache, 'build.log');
  await writeFile(log, '');
  await inWorkFolder(cache, async (folder) => {
    const env = { ...go.env, GOBIN: folder };
    const values = Object.entries(variables).map(([name, value]) => ` -X ${name}=${value}`);
    const args = [
      'install',
      '-v',
      `-ldflags=-s -w${values.join('')}`,
      ...(tags.length > 0 ? [`-tags=${tags.join()}`] : []),
      ...packages,
    ];
    // Each line is a package that has been compiled; those in Go's cache say nothing. How many there are is not known.
    await progress.step('compile', (tell) => {
      let lines = 0;
      return run(go.command, args, { cwd: folder, env, log, onLine: () => tell(`${++lines} packages`) });
    });
    await take(folder);
  });
}
