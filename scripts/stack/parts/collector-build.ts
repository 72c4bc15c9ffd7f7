import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inWorkFolder } from '../cache.ts';
import { run } from '../command.ts';
import { type InstallContext, StackError } from '../part.ts';
import { findGo, type GoNeeds } from './go.ts';

/** The builder's manifest: which components, at which release. */
const MANIFEST = fileURLToPath(new URL('../../../collector-config/builder.yaml', import.meta.url));

/** Counted up when the steps below change what they make. */
const RECIPE = 1;

const NEEDS: GoNeeds = {
  title: 'The collector',
  // What the modules of this release ask for.
  oldest: '1.25',
  bytes: 1_200_000_000,
  otherwise:
    'Or name a collector that you have, with the components of collector-config/builder.yaml: BOTAUDIT_OTELCOL=/path/to/otelcol',
};

/** What `builder.yaml` asks for. */
export interface Manifest {
  /** Release of the collector and of its builder, without the leading `v`. */
  readonly version: string;
  /** Go modules of the components: path and version. */
  readonly modules: readonly (readonly [path: string, version: string])[];
}

/** Reads `collector-config/builder.yaml`. */
export async function readManifest(): Promise<Manifest> {
  const text = await readFile(MANIFEST, 'utf8');
  const version = /^ {2}version: (\S+)$/m.exec(text)?.[1];
  const modules = [...text.matchAll(/^ *- gomod: (\S+) (\S+)$/gm)].map(
    ([, path = '', tag = '']) => [path, tag] as const,
  );
  if (!version || modules.length === 0) throw new StackError(`${MANIFEST} names no version or no component`);
  return { version, modules };
}

/** Where the build of this manifest stands in the cache. */
export function cachedBinary(cache: string, manifest: Manifest): string {
  const key = createHash('sha256')
    .update(JSON.stringify([RECIPE, manifest]))
    .digest('hex')
    .slice(0, 12);
  return join(cache, `otelcol-${manifest.version}-${key}`);
}

/**
 * Builds the collector of `builder.yaml`.
 *
 * The builder's own `go mod tidy` fails, since it also wants the modules of its dependencies' tests, two of which can't
 * be had. So the builder only generates the sources, and `go get`, which does not look at tests, makes `go.mod`. What an
 * interrupted build has fetched and compiled stays in Go's caches, and is not done again.
 *
 * @returns path of the executable.
 * @throws {StackError} when Go is missing or too old, or a step fails.
 */
export async function buildCollector(context: InstallContext, manifest: Manifest): Promise<string> {
  const { cache, progress } = context;
  const { command: go, env } = await findGo(context, NEEDS);
  const goEnv = { ...env, CGO_ENABLED: '0' };
  const log = join(cache, 'build.log');
  await writeFile(log, '');
  const binary = cachedBinary(cache, manifest);
  await inWorkFolder(cache, async (folder) => {
    const sources = join(folder, 'sources');
    const step = (title: string, command: string, args: string[], cwd: string, count?: (lines: number) => string) =>
      progress.step(title, (tell) => {
        let lines = 0;
        const onLine = () => count && tell(count(++lines));
        return run(command, args, { cwd, env: { ...goEnv, GOBIN: folder }, log, onLine });
      });

    const builder = `go.opentelemetry.io/collector/cmd/builder@v${manifest.version}`;
    await step('builder', go, ['install', builder], folder);
    const generate = ['--skip-get-modules', '--skip-compilation', '--config', MANIFEST];
    await step('sources', join(folder, 'builder'), generate, folder);
    await run(go, ['mod', 'init', 'go.opentelemetry.io/collector/cmd/builder'], {
      cwd: sources,
      env: goEnv,
      log,
    }).catch(
      // Some releases of the builder write go.mod themselves.
      (error: unknown) => {
        if (!String(error).includes('already exists')) throw error;
      },
    );
    const wanted = [
      `go.opentelemetry.io/collector/otelcol@v${manifest.version}`,
      ...manifest.modules.map(([path, version]) => `${path}@${version}`),
    ];
    await step('modules', go, ['get', ...wanted], sources, (lines) => `${lines} resolved`);
    const packages = await step('packages', go, ['list', '-mod=mod', '-deps', '.'], sources, (n) => `${n} fetched`);
    const total = packages.trim().split('\n').length;
    const compile = ['build', '-mod=mod', '-trimpath', '-ldflags=-s -w', '-v', '-o', join(folder, 'otelcol'), '.'];
    await step('compile', go, compile, sources, (lines) => `${lines} of at most ${total} packages`);
    await run(join(folder, 'otelcol'), ['--version'], { log });
    await rename(join(folder, 'otelcol'), binary);
  });
  return binary;
}
