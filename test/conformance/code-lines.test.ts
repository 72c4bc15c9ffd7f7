import { expect, test } from 'vitest';
import { countCode, instrumentationLines, problemsWith, templateLines } from '../../scripts/code-lines/count.ts';

test('each instrumentation needs less code of its own than the one before it, and the template less than a hundred lines', () => {
  const counted = instrumentationLines();
  expect(counted.map(({ name }) => name)).toEqual(['grammy', 'telegraf', 'discord.js', 'slack-bolt', 'mcp']);
  for (const { lines } of counted) expect(lines).toBeGreaterThan(0);
  expect(problemsWith(counted, templateLines())).toEqual([]);
});

test('one that needs as much as the one before it is told of, and so is a long template', () => {
  const counted = ['grammy', 'telegraf', 'mcp'].map((name, index) => ({ name, lines: [9, 10, 10][index] ?? 0 }));
  expect(problemsWith(counted, 101).map((problem) => problem.replace(/ .*/s, ''))).toEqual([
    'instrumentation-telegraf',
    'instrumentation-mcp',
    'docs/instrumentation-template/audit-echo.js',
  ]);
});

test('comments and blank lines are no code, and what looks like a comment within a line is', () => {
  expect(
    countCode(
      [
        '/** One. */',
        '/*',
        ' * Several.',
        '',
        ' */',
        '',
        '  // One more.',
        "const url = 'https://example.org';",
        'f(); // Said.',
        '  /* before */',
        '}',
      ].join('\n'),
    ),
  ).toBe(3);
});
