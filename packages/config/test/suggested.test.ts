import * as v from 'valibot';
import { expect, test } from 'vitest';
import { integer, option, optionalOption, readConfig, section, text } from '../src/index.js';

const SCHEMA = v.strictObject({
  server: section({
    port: option(integer(0, 65_535), 8080, { env: 'MY_PORT', description: 'Where the server listens.' }),
    name: optionalOption(text, { description: 'Its name.' }),
    threads: option(integer(1, 9), 1, { description: 'How many.' }),
  }),
});

const file = {
  file: '/etc/my.yaml',
  value: { server: { name: 'front' } },
  problems: [],
  lineOf: () => 2,
};
const suggested = { 'server.port': 90, 'server.name': 'back', 'server.threads': '3' };

test('a suggestion holds where neither the file nor a variable says anything, and is told from both', () => {
  const { values, problems, place, isSuggested } = readConfig(SCHEMA, {
    env: { MY_PORT: '70' },
    cwd: '/',
    file,
    suggested,
  });
  expect(problems).toEqual([]);
  expect(values.server).toEqual({ port: 70, name: 'front', threads: 3 });
  expect(['server.port', 'server.name', 'server.threads'].map(isSuggested)).toEqual([false, false, true]);
  expect(place('server.threads')).toEqual({ key: 'server.threads' });
  expect(place('server.name')).toMatchObject({ file: '/etc/my.yaml', line: 2 });
});

test('without a file and variables the suggestions hold, and without those the defaults', () => {
  expect(readConfig(SCHEMA, { env: {}, cwd: '/', suggested }).values.server).toEqual({
    port: 90,
    name: 'back',
    threads: 3,
  });
  expect(readConfig(SCHEMA, { env: {}, cwd: '/' }).values.server).toMatchObject({ port: 8080, threads: 1 });
});
