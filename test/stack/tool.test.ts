import { spawn } from 'node:child_process';
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test as base, describe, expect, onTestFinished } from 'vitest';
import { collector } from '../../scripts/stack/parts/collector.ts';
import { Progress } from '../../scripts/stack/progress.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { installedCollector } from './collectors.ts';
import { exportRequest, post } from './sending.ts';

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

async function program(path: string, says: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\ncat <<'END'\n${says}\nEND\n`);
  await chmod(path, 0o755);
}

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
    const { path } = await installedCollector();
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
});

describe('stack', () => {
  test('prints what a bot needs, and leaves nothing after Ctrl-C', async () => {
    const parent = await temporaryFolder();
    const script = fileURLToPath(new URL('../../scripts/stack/run.ts', import.meta.url));
    const child = spawn(process.execPath, [script, 'collector'], {
      env: { ...process.env, TMPDIR: parent },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)));
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const archive = await eventually('the addresses', () => /archive +(.*)\n.*log/.exec(said)?.[1]);
    const url = /ENDPOINT='(.*)'/.exec(said)?.[1] ?? '';
    const [, name = '', value = ''] = /HEADERS='(.*)=(.*)'/.exec(said) ?? [];
    expect(await post(url, exportRequest(1).logs, { [name]: decodeURIComponent(value) })).toBe(200);
    expect(await readdir(dirname(archive))).toEqual(['audit.jsonl']);

    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(await readdir(parent)).toEqual([]);
    expect(await post(url, exportRequest(1).logs)).toBe(0);
  });
});
