import { afterEach, describe, expect, it, vi } from 'vitest';
import { Child } from './child.js';
import { readLines, temporaryFolder } from './sample.js';

/** The module as a process sees it that has not loaded SQLite yet. */
async function freshCopy(): Promise<typeof import('../src/sqlite.js')> {
  vi.resetModules();
  return import('../src/sqlite.js');
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('loading SQLite', () => {
  it('keeps its own warning from the bot, and no other', async () => {
    const seen: unknown[] = [];
    vi.spyOn(process, 'emitWarning').mockImplementation((...args: unknown[]) => void seen.push(args[0]));
    const emitWarning = process.emitWarning;
    vi.spyOn(process, 'getBuiltinModule').mockImplementation((() => {
      process.emitWarning('SQLite is an experimental feature and might change at any time', 'ExperimentalWarning');
      process.emitWarning('Something else is experimental', 'ExperimentalWarning');
      process.emitWarning(new Error('SQLite is broken'));
      return {};
    }) as never);
    (await freshCopy()).loadSqlite();
    expect(seen.map(String)).toEqual(['Something else is experimental', 'Error: SQLite is broken']);
    expect(process.emitWarning).toBe(emitWarning);
  });

  it('happens once, and not before it is asked for', async () => {
    const load = vi.spyOn(process, 'getBuiltinModule');
    const { loadSqlite } = await freshCopy();
    expect(load).not.toHaveBeenCalled();
    expect(loadSqlite()).toBe(loadSqlite());
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('may fail: a Node without it writes its journal all the same, and says that it holds no lock', async () => {
    const child = Child.node('write.mjs', [temporaryFolder(), '{}', '3'], {
      env: { ...process.env, NODE_OPTIONS: '--no-experimental-sqlite' },
    });
    await child.printed(4);
    expect(readLines(child.lines[0]!)).toHaveLength(3);
    expect(child.stderr).toBe('');
    const { listStreams, liveness } = await import('../src/index.js');
    const directory = child.lines[0]!.replace(/\/streams\/.*/, '');
    expect(listStreams(directory)[0]?.info).toMatchObject({ locked: false });
    expect(liveness(child.lines[0]!)).toBe('unknown');
    await child.kill();
  });
});
