import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ChooseDirectoryOptions, type ChosenDirectory, chooseDirectory } from '../src/index.js';
import { Child, isRoot, rootOnly } from './child.js';
import { temporaryFolder } from './sample.js';

const NOBODY = 65534;

/** Folders of a test: each exists, none is taken yet. */
function places(env: Record<string, string> = {}): ChooseDirectoryOptions & { readonly root: string } {
  const root = temporaryFolder();
  for (const name of ['cwd', 'var', 'tmp']) mkdirSync(join(root, name));
  return { root, env, cwd: join(root, 'cwd'), varLib: join(root, 'var', 'botaudit'), temporary: join(root, 'tmp') };
}

/** A file where a folder would have to be. */
function block(path: string): void {
  writeFileSync(path, '');
}

describe('choosing a folder', () => {
  it('takes the one that BOTAUDIT_DIR names, relative to the working folder too, and says nothing', () => {
    const absolute = places();
    const path = join(absolute.root, 'deep', 'audit');
    expect(chooseDirectory({ ...absolute, env: { BOTAUDIT_DIR: path } })).toEqual({
      path,
      kind: 'configured',
      problem: undefined,
    });
    const relative = places({ BOTAUDIT_DIR: 'audit' });
    expect(chooseDirectory(relative)).toMatchObject({ path: join(relative.cwd, 'audit'), kind: 'configured' });
    expect(existsSync(join(relative.cwd, '.botaudit'))).toBe(false);
  });

  it('takes .botaudit in the working folder, with a .gitignore, closed to others', () => {
    const options = places();
    const { path, kind } = chooseDirectory(options);
    expect([path, kind]).toEqual([join(options.cwd, '.botaudit'), 'working-folder']);
    expect(readFileSync(join(path, '.gitignore'), 'utf8')).toBe('*\n');
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, 'streams')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(path, 'streams'))).toEqual([]);
  });

  it('leaves what is there as it is', () => {
    const options = places();
    const path = join(options.cwd, '.botaudit');
    mkdirSync(path);
    chmodSync(path, 0o755);
    writeFileSync(join(path, '.gitignore'), 'mine');
    expect(chooseDirectory(options).path).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o755);
    expect(readFileSync(join(path, '.gitignore'), 'utf8')).toBe('mine');
  });

  it('lets the group read where BOTAUDIT_GROUP_READ=1', () => {
    const { path } = chooseDirectory(places({ BOTAUDIT_GROUP_READ: '1' }));
    expect(statSync(path).mode & 0o777).toBe(0o750);
    expect(statSync(join(path, '.gitignore')).mode & 0o777).toBe(0o640);
  });

  it('falls back step by step, and says which folders could not be written and why', () => {
    const options = places({ BOTAUDIT_DIR: 'configured' });
    block(join(options.cwd, 'configured'));
    expect(chooseDirectory(options)).toMatchObject({
      kind: 'working-folder',
      problem: `${join(options.cwd, 'configured')} cannot be written (EEXIST)`,
    });
    const next = places();
    block(join(next.cwd, '.botaudit'));
    expect(chooseDirectory(next)).toMatchObject({ kind: 'var-lib', path: next.varLib });
    block(join(next.root, 'blocked'));
    const ephemeral = chooseDirectory({ ...next, varLib: join(next.root, 'blocked', 'botaudit') });
    expect(ephemeral.kind).toBe('ephemeral');
    expect(ephemeral.problem?.split('; ')).toHaveLength(2);
    const nowhere = join(next.root, 'blocked', 'x');
    const memory = chooseDirectory({ ...next, varLib: nowhere, temporary: nowhere });
    expect(memory).toMatchObject({ kind: 'memory', path: '' });
    expect(memory.problem).toContain(`${nowhere} cannot be written (ENOTDIR)`);
  });

  it('finds the same temporary folder again, but never one that somebody else could have prepared', () => {
    const options = places();
    block(join(options.cwd, '.botaudit'));
    block(join(options.root, 'var', 'botaudit'));
    const first = chooseDirectory(options).path;
    expect(basename(first)).toBe(`botaudit-${process.getuid?.() ?? 0}`);
    expect(chooseDirectory(options).path).toBe(first);
    chmodSync(first, 0o777);
    const second = chooseDirectory(options).path;
    expect(second).toMatch(/botaudit-\d+-\w{6}$/);

    const linked = places();
    block(join(linked.cwd, '.botaudit'));
    block(join(linked.root, 'var', 'botaudit'));
    symlinkSync(linked.root, join(linked.root, 'tmp', basename(first)));
    expect(chooseDirectory(linked).path).toMatch(/botaudit-\d+-\w{6}$/);
  });

  describe.skipIf(!isRoot)(`as another user${rootOnly}`, () => {
    const choose = async (options: ChooseDirectoryOptions): Promise<ChosenDirectory & { result: string }> => {
      const child = Child.node('choose.mjs', [JSON.stringify(options)], { uid: NOBODY, gid: NOBODY, env: {} });
      await child.printed(1);
      expect(child.stderr).toBe('');
      return JSON.parse(child.lines[0]!);
    };

    it('passes over folders that may only be read', async () => {
      const options = places();
      chmodSync(options.root, 0o755);
      chmodSync(join(options.root, 'tmp'), 0o1777);
      const choice = await choose(options);
      expect(choice).toMatchObject({ kind: 'ephemeral', result: 'written' });
      expect(choice.path).toBe(join(options.root, 'tmp', `botaudit-${NOBODY}`));
      expect(statSync(choice.path)).toMatchObject({ uid: NOBODY });
      expect(choice.problem).toBe(
        `${join(options.cwd, '.botaudit')} cannot be written (EACCES); ${options.varLib} cannot be written (EACCES)`,
      );
    });

    it('accepts a folder of another owner that can be written', async () => {
      const options = places({ BOTAUDIT_DIR: 'shared' });
      chmodSync(options.root, 0o755);
      mkdirSync(join(options.cwd, 'shared'));
      chmodSync(join(options.cwd, 'shared'), 0o777);
      expect(await choose(options)).toMatchObject({ kind: 'configured', result: 'written' });
    });

    it('keeps records in memory where nothing can be written, and the bot runs', async () => {
      const options = places();
      chmodSync(options.root, 0o755);
      expect(await choose(options)).toMatchObject({ kind: 'memory', path: '', result: 'written' });
    });
  });
});
