import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import {
  boolean,
  formatProblem,
  integer,
  listOption,
  listOptions,
  oneOf,
  oneOrMore,
  option,
  optionalOption,
  path,
  readConfig,
  readYamlFile,
  section,
  text,
} from '../src/index.js';

const SCHEMA = v.strictObject({
  name: optionalOption(text, { env: 'MY_NAME', description: 'A name.' }),
  doors: section({
    rules: listOption(
      {
        door: optionalOption(oneOrMore(text), { description: 'Which doors.' }),
        colour: optionalOption(oneOrMore(oneOf(['red', 'green'])), { description: 'Their colours.' }),
        open: option(boolean, false, { description: 'Whether they are open.' }),
        width: optionalOption(integer(1, 9), { description: 'How wide.' }),
        key: optionalOption(path, { description: 'Where the key lies.' }),
      },
      { description: 'What holds for which door.' },
    ),
  }),
});

async function read(source: string) {
  const folder = await temporaryFolder();
  const file = join(folder, 'my.yaml');
  await writeFile(file, source);
  const config = readConfig(SCHEMA, { env: {}, cwd: '/cwd', file: readYamlFile(file, false), fileFolder: folder });
  const told = config.problems.map((problem) => formatProblem(problem).replace(`${file}:`, ''));
  return { ...config, file, folder, told };
}

describe('a list of maps', () => {
  test('is empty by default', async () => {
    expect((await read('name: x\n')).values).toEqual({ name: 'x', doors: { rules: [] } });
    expect((await read('doors:\n  rules:\n')).values.doors.rules).toEqual([]);
    expect((await read('doors:\n  rules: []\n')).values.doors.rules).toEqual([]);
  });

  test('is read in order, each map with its defaults, members without a value left out', async () => {
    const { values, told, folder } = await read(`
doors:
  rules:
    - door: front
      colour: [red, green]
      key: under/the-mat
    - door: [back, side]
      open: yes
      width:
`);
    expect(told).toEqual([]);
    expect(values.doors.rules).toEqual([
      { door: ['front'], colour: ['red', 'green'], open: false, key: join(folder, 'under/the-mat') },
      { door: ['back', 'side'], open: true },
    ]);
  });

  test('names line, key and what is allowed of each problem, and leaves out the maps that have one', async () => {
    const { values, told } = await read(`doors:
  rules:
    - door: front
      opn: true
    - door: back
    - door: side
      colour: [red, bleu]
      width: 12
    - just a text
    -
    - door: { a: b }
    - door: []
`);
    expect(told).toEqual([
      '4: doors.rules[0].opn: unknown key, did you mean open?; allowed: door, colour, open, width, key',
      '7: doors.rules[2].colour: wrong value ["red", "bleu"]; allowed: red, green; or a list of such',
      '8: doors.rules[2].width: wrong value 12; allowed: a whole number from 1 to 9',
      '9: doors.rules[3]: is not a map; allowed: a map with door, colour, open, width, key',
      '10: doors.rules[4]: is not a map; allowed: a map with door, colour, open, width, key',
      '11: doors.rules[5].door: wrong value (a map); allowed: a text that is not empty; or a list of such',
      '12: doors.rules[6].door: wrong value []; allowed: a text that is not empty; or a list of such',
    ]);
    expect(values.doors.rules).toEqual([{ door: ['back'], open: false }]);
  });

  test.each(['front', '{ door: front }', '7'])('is not %s', async (value) => {
    expect((await read(`doors:\n  rules: ${value}\n`)).told).toEqual([
      '2: doors.rules: is not a list; allowed: a list of maps with door, colour, open, width, key',
    ]);
  });

  test('tells where each of its maps and their members stand, past those that are wrong', async () => {
    const { place, file } = await read(`doors:
  rules:
    - dor: front
    - door: back

    - open: yes
      door: side
`);
    expect(place('doors.rules[0]')).toEqual({ key: 'doors.rules[1]', file, line: 4 });
    expect(place('doors.rules[1].door')).toEqual({ key: 'doors.rules[2].door', file, line: 7 });
    expect(place('doors.rules[1].width')).toEqual({ key: 'doors.rules[2].width', file, line: 6 });
    expect(place('doors.rules[2]')).toEqual({ key: 'doors.rules[2]' });
    expect(place('name')).toEqual({ key: 'name' });
  });

  test('finds the line behind an alias, and in a list on one line', async () => {
    const { told } = await read(`name: x
doors:
  rules: [{ door: front }, { opn: true },
    { width: 0 }]
`);
    expect(told.map((line) => line.slice(0, 21))).toEqual(['3: doors.rules[1].opn', '4: doors.rules[2].wid']);
    expect((await read('doors: &d\n  rules:\n    - width: 0\n')).told[0]).toMatch(/^3: doors\.rules\[0\]\.width/);
  });

  test('refuses members that would change a prototype', async () => {
    expect((await read('doors:\n  rules:\n    - __proto__: { open: true }\n')).told[0]).toMatch(/^3: .*unknown key/);
  });
});

test('a list of maps is described for pages and editors, with its members', () => {
  const options = listOptions(SCHEMA);
  expect(options.map(({ key }) => key)).toEqual(['name', 'doors.rules']);
  const rules = options[1];
  expect(rules).toMatchObject({ type: 'list of maps', env: undefined, default: [], secret: false });
  expect(rules?.members?.map(({ key, type, default: value }) => [key, type, value])).toEqual([
    ['doors.rules[].door', 'text, one or a list', undefined],
    ['doors.rules[].colour', 'red | green, one or a list', undefined],
    ['doors.rules[].open', 'boolean', false],
    ['doors.rules[].width', 'integer', undefined],
    ['doors.rules[].key', 'path', undefined],
  ]);
  expect(rules?.jsonSchema).toMatchObject({
    type: 'array',
    items: {
      type: 'object',
      additionalProperties: false,
      properties: {
        open: { type: 'boolean', default: false, description: 'Whether they are open.' },
        colour: { anyOf: [{ enum: ['red', 'green'] }, { type: 'array', minItems: 1 }] },
      },
    },
  });
});
