import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asOrdinaryUser } from '../../../test/support/ordinary-user.js';
import { isRoot, rootOnly } from '../../journal/test/child.js';
import { findFolder } from '../src/access/folder.js';

let folder: string;
let journal: string;
let home: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'botaudit-access-'));
  journal = join(folder, 'journal');
  home = join(folder, 'home');
  mkdirSync(join(journal, 'streams'), { recursive: true });
  mkdirSync(home);
});
afterEach(() => rmSync(folder, { recursive: true }));

const find = (more: { configured?: string; user?: string } = {}) =>
  findFolder({
    journal,
    configured: more.configured,
    reader: { user: more.user ?? 'alice', state: home },
    groupRead: false,
  });

test('it stands beside the journal, for its owner alone', () => {
  const path = join(journal, 'access', 'alice');
  expect(find()).toEqual({ path });
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('where the journal may only be read it stands in the home of whoever reads', () => {
  writeFileSync(join(journal, 'access'), '');
  expect(find()).toEqual({ path: join(home, 'botaudit/access/alice') });
});

test('a journal that is not there yet is not made', () => {
  rmSync(journal, { recursive: true });
  expect(find()).toEqual({ path: join(home, 'botaudit/access/alice') });
  expect(existsSync(journal)).toBe(false);
});

test('nothing is added to an archive', () => {
  mkdirSync(join(journal, 'catalogue'));
  expect(find()).toEqual({ path: join(home, 'botaudit/access/alice') });
  expect(existsSync(join(journal, 'access'))).toBe(false);
});

test('a configured folder has no other in its place', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(find({ configured: file })).toEqual({ problem: expect.stringContaining('file/alice cannot be written') });
});

test.skipIf(!isRoot)(`a folder that somebody else made in one’s name is not taken${rootOnly}`, () => {
  const readers = join(folder, 'readers');
  const before = process.umask(0);
  mkdirSync(join(readers, 'alice', 'streams'), { recursive: true, mode: 0o777 });
  process.umask(before);
  chmodSync(folder, 0o755);
  const found = asOrdinaryUser(() => find({ configured: readers }));
  expect(found).toEqual({ problem: expect.stringContaining('belongs to another user') });
});

test('the name of a user leads to no other folder', () => {
  expect(find({ user: '../../etc' })).toEqual({ path: join(journal, 'access', '__.._etc') });
});
