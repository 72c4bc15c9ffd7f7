import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { absolutePath } from '../src/types.js';

test.each([
  ['audit', '/srv/bot/audit'],
  ['../audit', '/srv/audit'],
  ['/var/audit', '/var/audit'],
  ['~', homedir()],
  ['~/audit', join(homedir(), 'audit')],
  ['~bob/audit', '/srv/bot/~bob/audit'],
])('the path %s is meant from the folder, but ~ from the home', (value, meant) => {
  expect(absolutePath(value, '/srv/bot')).toBe(meant);
});
