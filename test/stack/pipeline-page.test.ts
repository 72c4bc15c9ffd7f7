import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { cacheDirectory } from '../../scripts/stack/cache.ts';
import { shellFile } from '../../scripts/stack/description.ts';
import { freePorts } from '../../scripts/stack/ports.ts';
import { Progress } from '../../scripts/stack/progress.ts';
import { type StartedPart, startParts, stopParts } from '../../scripts/stack/start.ts';
import { eventually } from '../support/eventually.ts';
import { fencedBlocks, readPage } from '../support/guide.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ShellSession } from './shell-session.ts';
import { gone } from './tool-run.ts';

const CLONE = fileURLToPath(new URL('../../', import.meta.url));

/** What the second terminal of the page runs. */
const SECOND_TERMINAL = 'npm run stack -- elasticsearch\n';

/** The same programs without `prepare.mjs` before them, which would build what other tests run just now. */
const PREPARED: readonly (readonly [string, string])[] = [
  ['npm --prefix "$CLONE" run --silent stack:install --', 'node "$CLONE/scripts/stack/install.ts"'],
  ['"$CLONE/scripts/start.mjs"', '"$CLONE/scripts/demo/run.ts"'],
];

/** The page's blocks, on ports that are free here, and with the variables of the Elasticsearch that runs here. */
async function blocksOf(page: string, elasticsearchEnv: string): Promise<string[]> {
  const blocks = fencedBlocks(page, 'sh').filter((block) => block !== SECOND_TERMINAL);
  const named = [...blocks.join('').matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port = '']) => port);
  const ports = [...new Set(named)];
  const free = await freePorts(ports.length);
  const at = new Map(ports.map((port, i) => [port, String(free[i])]));
  return blocks.map((block) =>
    PREPARED.reduce((text, [from, to]) => text.replaceAll(from, to), block)
      .replace(/\/tmp\/botaudit-stack-\w+\/env/, elasticsearchEnv)
      .replaceAll(new RegExp(`\\b(${ports.join('|')})\\b`, 'g'), (port) => at.get(port) ?? port),
  );
}

/** Ends what the page has left running, when it was not followed to its end. */
async function endAll(trial: string): Promise<void> {
  for (const name of await readdir(join(trial, 'run')).catch(() => [])) {
    const pid = Number(await readFile(join(trial, 'run', name), 'utf8'));
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
    await gone(pid);
  }
}

const numbers = (text: string) => [...text.matchAll(/^(?:\{"count":)?(\d+)\}?$/gm)].map(([, digits]) => Number(digits));

test('docs/pipeline-by-hand.md, followed: records, counts, search, and an alert at the webhook', async () => {
  const page = await readPage('docs/pipeline-by-hand.md');
  for (const [command] of PREPARED) expect(page).toContain(command);
  expect(fencedBlocks(page, 'sh')).toContain(SECOND_TERMINAL);

  const home = await temporaryFolder();
  // Handlers run last come, first served: Elasticsearch has ended when its folder goes.
  const folder = await temporaryFolder();
  const running: StartedPart[] = [];
  onTestFinished(() => stopParts(running));
  await startParts(['elasticsearch'], { folder, progress: new Progress(), running });
  const file = join(home, 'env');
  await writeFile(file, shellFile(running));

  const { PATH, JAVA_HOME, BOTAUDIT_OTELCOL, BOTAUDIT_PROMETHEUS, BOTAUDIT_ALERTMANAGER } = process.env;
  const own = { PATH, JAVA_HOME, BOTAUDIT_OTELCOL, BOTAUDIT_PROMETHEUS, BOTAUDIT_ALERTMANAGER };
  const env = { ...own, HOME: home, BOTAUDIT_CACHE_DIR: cacheDirectory(process.env) };
  const shell = new ShellSession(home, CLONE, env);
  onTestFinished(() => endAll(join(home, 'audit-trial')));
  onTestFinished(() => shell.close());

  const blocks = await blocksOf(page, file);
  /** Follows the page up to the block that has this in it, and tells what that said. */
  async function follow(until: string): Promise<string> {
    for (;;) {
      const block = blocks.shift();
      if (block === undefined) throw new Error(`the page has no further block with "${until}"`);
      const output = await shell.run(block);
      if (block.includes(until)) return output;
    }
  }
  /** Types the block that comes next, again and again, until it says what the page says it does. */
  async function followUntil(what: string, isIt: (output: string) => boolean): Promise<string> {
    const block = blocks.shift() ?? '';
    let output = '';
    const look = async () => {
      output = await shell.run(block);
      return isIt(output) || undefined;
    };
    await eventually(what, look).catch((error: Error) => {
      throw new Error(`${error.message}; it said\n${output}`);
    });
    return output;
  }

  await follow('start bot node');
  await followUntil('targets that are up, and a stream', (output) => (output.match(/=> 1 @/g) ?? []).length === 4);
  const counted = await follow('botaudit verify');
  expect(counted).toMatch(/^authentic/);
  const [journal = 0, archive] = numbers(counted);
  expect(archive).toBe(journal);
  expect(journal).toBeGreaterThan(50);
  await followUntil('the same count in Elasticsearch', (output) => numbers(output).join() === `${journal},0`);
  const found = await follow('botaudit search');
  const ids = [...found.matchAll(/"audit.record.id" : \[\s*"(\w{8})/g)].map(([, id]) => id);
  expect(ids).toHaveLength(1);
  expect(found).toMatch(new RegExp(`^\\S+ ${ids[0]} .*BAN`, 'm'));
  const told = await followUntil('the alert', (output) => output.includes('/page firing AuditBotUnaudited'));
  expect(told).toContain('/watchdog firing AuditWatchdog');
  await follow('kill');
  expect(blocks).toEqual([]);
});
