import * as record from '@botaudit/record';
import { expect, test } from 'vitest';
import { differences } from '../src/setup/differences.js';
import { setupFiles } from '../src/setup/files.js';
import { recordMappings } from '../src/setup/mappings.js';

test('every attribute of audit.* and bot.* has its type in the mapping', () => {
  const { properties } = recordMappings('x') as {
    properties: { attributes: { properties: Record<string, { type: string; ignore_malformed?: boolean }> } };
  };
  const mapped = properties.attributes.properties;
  const names = Object.entries(record)
    .filter(([constant]) => /^ATTR_(?:AUDIT|BOT)_/.test(constant))
    .map(([, name]) => name as string);
  const missing = names.filter(
    (name) => !Object.keys(mapped).some((key) => key === name || key.startsWith(`${name}.`)),
  );
  expect(missing).toEqual([]);
  for (const { ignore_malformed } of Object.values(mapped)) expect(ignore_malformed).toBeUndefined();
});

test.each<[unknown, unknown, string[]]>([
  [{ a: '1', b: 'true', created_date: 5, hidden: false, run_as: [] }, { a: 1, b: true }, []],
  [{ a: 1 }, { a: 2 }, ['a: 1 → 2']],
  [{ a: { b: [1, 2] } }, { a: { b: [1] } }, ['a.b: [1,2] → [1]']],
  [{ privileges: ['read', 'all'] }, { privileges: ['read', 'view'] }, ['privileges[1]: "all" → "view"']],
  [{ a: 1, more: ['x'] }, { a: 1 }, ['more: ["x"] → none']],
  [{}, { a: {} }, []],
  [undefined, { a: 1 }, [': none → {"a":1}']],
])('what Elasticsearch has, %o, compared with %o', (actual, wanted, expected) => {
  expect(differences(actual, wanted)).toEqual(expected);
});

test('only the role that sets up can delete, and nobody can update', () => {
  const roles = setupFiles().filter(({ path }) => path.startsWith('roles/'));
  const privileges = new Map(
    roles.map(({ path, body }) => [path, (body.indices as unknown as [{ privileges: string[] }])[0].privileges]),
  );
  expect(Object.fromEntries(privileges)).toEqual({
    'roles/audit-writer.json': ['create_doc', 'auto_configure', 'view_index_metadata'],
    'roles/audit-auditor.json': ['read', 'view_index_metadata'],
    'roles/audit-setup.json': ['manage', 'create_doc'],
  });
});
