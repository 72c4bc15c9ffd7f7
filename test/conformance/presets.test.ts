import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as record from '@botaudit/record';
import { CONFIG_OPTIONS, METRICS, matchesRule, PRESETS, type PresetName } from '@botaudit/sdk';
import { describe, expect, test } from 'vitest';
import { readRules } from '../support/alerting.ts';
import { readPage } from '../support/guide.ts';

const FOLDER = fileURLToPath(new URL('../../docs/presets/', import.meta.url));
const { CATALOGUE } = record;

const names = Object.keys(PRESETS) as PresetName[];
const pageOf = (name: string) => readPage(`docs/presets/${name}.md`);
const alerts = (await readRules()).alerts.map(({ alert }) => alert);
const cli = await readPage('docs/reference/cli.md');

const attributes = new Set(
  Object.entries(record).flatMap(([name, value]) => (name.startsWith('ATTR_') ? [value] : [])),
);
const options = CONFIG_OPTIONS.flatMap(({ key, members }) => [key, ...(members ?? []).map((member) => member.key)]);
const rulesMay = options.flatMap((key) =>
  key.startsWith('policy.rules[].') ? [key.slice('policy.rules[].'.length)] : [],
);
/** Values that those may have, and that an attribute has. */
const VALUES = ['none', 'metadata', 'receipt', 'caused', 'low', 'medium', 'high', 'attempt', 'outcome', 'failure', '*'];

/** What code the pages name, whatever stands around it. */
const codesOf = (page: string) => [
  ...new Set([...page.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)),
];

function isThere(code: string): boolean {
  if (code.startsWith('botaudit ')) return isCommand(code.split(' ').slice(1));
  if (code === 'record()' || code === 'collector-config') return true;
  if (/^Audit[A-Z]/.test(code)) return alerts.includes(code);
  if (/^audit_/.test(code)) return Object.hasOwn(METRICS, code);
  if (code.endsWith('.*')) {
    const rule = { event: [code], failClosed: false, place: {} };
    return Object.keys(CATALOGUE).some((name) => matchesRule(rule, { name }));
  }
  return [...Object.keys(CATALOGUE), ...attributes, ...options, ...rulesMay, ...VALUES, ...names].includes(code);
}

/** Whether the reference has a command with these options. */
function isCommand(words: readonly string[]): boolean {
  const rest = words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word));
  const command = (rest < 0 ? words : words.slice(0, rest)).join(' ');
  const [, usage = ''] = cli.split(new RegExp(`\n##+ botaudit ${command}\n`));
  const [own = ''] = usage.split('\n## ');
  const wanted = words.filter((word) => word.startsWith('--'));
  return own !== '' && wanted.every((option) => own.includes(option));
}

test('each preset has a page, and each page is of one', async () => {
  const pages = (await readdir(join(FOLDER))).filter((name) => name !== 'README.md');
  expect(pages.sort()).toEqual(names.map((name) => `${name}.md`).sort());
  const list = await pageOf('README');
  for (const name of names) expect(list).toContain(`[\`${name}\`](${name}.md)`);
});

describe.each([...names, 'README'])('the page of %s', (name) => {
  test('names no setting, event, attribute, metric, alert or command that is not there', async () => {
    const codes = codesOf(await pageOf(name));
    expect(codes.length).toBeGreaterThan(3);
    expect(codes.filter((code) => !isThere(code))).toEqual([]);
  });
});

describe.each(names)('the page of %s', (name) => {
  test('says which requirement each rule and each setting is for', async () => {
    const { rules, settings } = PRESETS[name];
    const page = (await pageOf(name)).replaceAll(/\s+/g, ' ');
    for (const key of Object.keys(settings)) expect(page).toContain(`\`${key}\``);
    for (const { because } of [...rules, ...Object.values(settings)]) {
      const [cited = ''] = because.split(':');
      if (cited === because) continue;
      for (const clause of cited.split(', ')) expect(page, because).toContain(clause.replace(/^Art\. /, ''));
    }
  });

  test('names every event that a rule of it is about, or all that begin so', async () => {
    const page = await pageOf(name);
    for (const { rule } of PRESETS[name].rules) {
      for (const event of [rule.event ?? []].flat()) if (event !== '*') expect(page).toContain(event);
    }
  });

  test('has, in each line, what stays with the operator or what shows it', async () => {
    const lines = (await pageOf(name)).split('\n').filter((line) => /^\| (?!-)/.test(line));
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines) {
      const cells = line.split('|').map((cell) => cell.trim());
      expect(cells).toHaveLength(6);
      expect(cells.slice(2, 5).join('')).not.toBe('');
    }
  });
});
