import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BOOTSTRAP_VARIABLES, CONFIG_OPTIONS } from '../src/index.js';
import { ConfigFolder } from './config-folder.js';

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder.remove());

describe('the reference of options', () => {
  it('has a description, a type and an own variable for each, and a default or what happens without', () => {
    // A list of maps is the file's alone to say.
    const [lists, options] = [true, false].map((isList) => CONFIG_OPTIONS.filter((each) => !!each.members === isList));
    expect(lists?.map(({ key, env }) => [key, env])).toEqual([['policy.rules', undefined]]);
    for (const member of lists?.flatMap(({ members = [] }) => members) ?? []) {
      expect(member.description).toMatch(/\.$/);
      expect(member.default !== undefined || member.otherwise !== undefined).toBe(true);
    }
    const entries = [...(options ?? []), ...BOOTSTRAP_VARIABLES];
    const variables = entries.map(({ env }) => env);
    expect(new Set(variables).size).toBe(variables.length);
    for (const entry of entries) {
      expect(entry.env).toMatch(/^(BOTAUDIT_|OTEL_)[A-Z_]+$/);
      expect(entry.description).toMatch(/\.$/);
      expect(entry.type).not.toBe('');
      expect(entry.default !== undefined || entry.otherwise !== undefined).toBe(true);
    }
  });

  it('keeps every default valid by its own type', () => {
    for (const { key, default: value, jsonSchema } of CONFIG_OPTIONS) {
      if (value === undefined || typeof value === 'object') continue;
      folder.write(key.replace('.', ':\n  ').concat(`: ${value}\n`));
      expect(() => folder.load()).not.toThrow();
      const patterns = JSON.stringify(jsonSchema).match(/"pattern":("[^"]*")/);
      if (patterns?.[1]) expect(String(value)).toMatch(new RegExp(JSON.parse(patterns[1])));
    }
  });
});
