import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const PAGE = readFileSync('docs/threat-model.md', 'utf8');

/** The tests that the page names: their file, and their title or the end of it. */
const NAMED = [...PAGE.matchAll(/`((?:packages|test)\/[^`]+\.test\.ts)` › ([^|]+?) \|/g)].map(
  ([, file = '', title = '']) => ({ file, title }),
);

test('each thing that an attacker cannot do names a test that tries it', () => {
  // Rows of the tables of attackers; cells are parted by bars that stand alone.
  const rows = PAGE.split('\n').filter((line) => /^\| /.test(line) && !/^\| (?:---|can |credential|\| can)/.test(line));
  const without = rows.filter((row) => {
    const cells = row.split(' | ');
    const cannot = cells.at(-2)?.replace(/^\| /, '').trim() ?? '';
    return cannot !== '' && !/ › /.test(cells.at(-1) ?? '');
  });
  expect(rows.length).toBeGreaterThan(30);
  expect(without).toEqual([]);
});

test.each(NAMED)('$file holds the test “$title”', ({ file, title }) => {
  expect(existsSync(file), file).toBe(true);
  expect(readFileSync(file, 'utf8')).toContain(title);
});
