import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test as base, describe, expect } from 'vitest';
import { collector } from '../../scripts/stack/parts/collector.ts';
import { elasticsearch } from '../../scripts/stack/parts/elasticsearch.ts';
import { PARTS } from '../../scripts/stack/parts/index.ts';
import { kafka } from '../../scripts/stack/parts/kafka.ts';
import { Progress } from '../../scripts/stack/progress.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { installed } from './installed.ts';
import { gone, ToolRun, writtenPid } from './tool-run.ts';

const progress = new Progress();

/** A folder with programs, and one for a cache, both empty. */
const test = base.extend<{ folders: { programs: string; cache: string } }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures that are wanted from the pattern
  folders: async ({}, use) => {
    const folder = await temporaryFolder();
    const folders = { programs: join(folder, 'bin'), cache: join(folder, 'cache') };
    for (const path of Object.values(folders)) await mkdir(path);
    await use(folders);
  },
});

async function script(path: string, text: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
}

const program = (path: string, says: string) => script(path, `cat <<'END'\n${says}\nEND`);

describe('stack:install', () => {
  test('finds nothing where nothing is', async ({ folders }) => {
    const env = { PATH: folders.programs };
    expect(await collector.locate({ env, cache: folders.cache, progress })).toBeUndefined();
  });

  test('says what to do when Go is missing or too old', async ({ folders }) => {
    const env = { PATH: folders.programs };
    const install = () => collector.install({ env, cache: folders.cache, progress });
    await expect(install()).rejects.toThrow(/no `go` on the PATH. Install Go 1\.25 or newer.*BOTAUDIT_OTELCOL=/s);
    await program(join(folders.programs, 'go'), 'go version go1.19.8 linux/amd64');
    env.PATH += ':/bin:/usr/bin';
    await expect(install()).rejects.toThrow(/needs Go 1\.25 or newer.*go1\.19\.8/s);
    expect(await readdir(folders.cache)).toEqual([]);
  });

  test('takes a collector that is named, or on the PATH, when it has the components', async ({ folders }) => {
    const { path } = await installed(collector);
    const named = { PATH: '', BOTAUDIT_OTELCOL: path };
    expect(await collector.locate({ env: named, cache: folders.cache, progress })).toEqual({
      path,
      source: 'environment',
    });

    const onPath = { PATH: `${folders.programs}:/bin:/usr/bin` };
    await program(join(folders.programs, 'otelcol'), 'components: none');
    expect(await collector.locate({ env: onPath, cache: folders.cache, progress })).toBeUndefined();
    const contrib = join(folders.programs, 'otelcol-contrib');
    await symlink(path, contrib);
    expect(await collector.locate({ env: onPath, cache: folders.cache, progress })).toEqual({
      path: contrib,
      source: 'path',
    });
  });

  test('refuses a collector that is named and can not be used, and says why', async ({ folders }) => {
    const path = join(folders.programs, 'otelcol');
    const env = { PATH: '/bin:/usr/bin', BOTAUDIT_OTELCOL: path };
    const locate = () => collector.locate({ env, cache: folders.cache, progress });
    await expect(locate()).rejects.toThrow(`BOTAUDIT_OTELCOL names ${path}, which is no executable file`);
    await program(path, 'module: go.opentelemetry.io/collector/receiver/otlpreceiver v0.155.0');
    await expect(locate()).rejects.toThrow(/lacks components of .*builder\.yaml:\n.*filestorage/s);
  });

  test('takes a release whose programs are on the PATH', async ({ folders }) => {
    for (const [part, start] of [
      [elasticsearch, 'elasticsearch'],
      [kafka, 'kafka-server-start.sh'],
    ] as const) {
      const release = join(folders.programs, part.name);
      await mkdir(join(release, 'bin'), { recursive: true });
      await program(join(release, 'bin', start), 'started');
      const env = { PATH: `${join(release, 'bin')}:/bin:/usr/bin` };
      const context = { env, cache: folders.cache, progress };
      // A script of that name alone is no release.
      expect(await part.locate(context)).toBeUndefined();
      const { path } = await installed(part);
      for (const name of ['lib', 'libs', 'config']) await symlink(join(path, name), join(release, name));
      expect(await part.locate(context)).toEqual({ path: release, source: 'path' });
    }
  });

  test('names the parts, what they take, and what is used instead', async () => {
    const { code, stdout } = await new ToolRun('install', ['--help']).ended;
    expect(code).toBe(0);
    for (const { name, cost, instead } of PARTS) {
      expect(stdout).toContain(`  ${name.padEnd(13)}  `);
      expect(stdout).toContain(cost);
      if (instead) expect(stdout).toContain(instead[0]);
    }
    expect(await new ToolRun('install', ['--json']).ended).toMatchObject({
      code: 1,
      stderr: "Unknown option '--json'. What there is: npm run stack:install -- --help\n",
    });
  });

  test('goes on after an interruption, and does nothing where everything is there', async ({ folders }) => {
    const { programs, cache } = folders;
    const started = join(programs, 'started');
    // Builds what is asked for when it is asked for the second time.
    await script(
      join(programs, 'go'),
      `case "$1" in
  version) echo 'go version go1.99.0 linux/amd64' ;;
  env) echo "$HOME"; echo "$HOME" ;;
  install)
    [ -e ${started} ] || { echo $$ > ${started}; exec sleep 300; }
    printf '#!/bin/sh\\necho 1.0\\n' > "$GOBIN/versitygw"; chmod 755 "$GOBIN/versitygw" ;;
esac`,
    );
    const env = { PATH: `${programs}:/bin:/usr/bin`, BOTAUDIT_CACHE_DIR: cache };
    const first = new ToolRun('install', ['s3'], env);
    const build = await writtenPid(started);
    first.signal('SIGINT');
    expect(await first.ended).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('Interrupted. The same command goes on where this one was.'),
    });
    await gone(build);

    const second = await new ToolRun('install', ['s3'], env).ended;
    expect(second).toMatchObject({ code: 0, stdout: '' });
    expect(second.stderr).toMatch(/^s3: installing .*\n {2}This takes about .*\n(?:.*\n)*s3: installed in \d+ s, /);
    const made = await readdir(join(cache, 's3'));
    expect(made.sort()).toEqual(['build.log', expect.stringMatching(/^versitygw-/)]);
    const third = await new ToolRun('install', ['s3'], env).ended;
    expect(third.stderr).toMatch(/^s3: cached, .*versitygw\nEverything is there\. Next: npm run stack\n$/);
  });
});
