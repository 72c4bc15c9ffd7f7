import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asOrdinaryUser } from '../../../test/support/ordinary-user.ts';
import { ConfigFolder } from './config-folder.js';

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder.remove());

describe('a wrong file stops the start', () => {
  it('names file, line, key and what is allowed for an unknown key', () => {
    folder.write('service:\n  name: x\n\njournal:\n  durabilty: memory\n');
    const error = folder.failure();
    expect(error).toMatchObject({ file: join(folder.path, 'botaudit.yaml'), line: 5, key: 'journal.durabilty' });
    expect(error.allowed).toContain('durability');
    expect(error.message).toContain(
      `${join(folder.path, 'botaudit.yaml')}:5: journal.durabilty: unknown key, did you mean durability?`,
    );
  });

  it('names file, line, key and what is allowed for a wrong value', () => {
    folder.write('journal:\n  max_bytes: a lot\n');
    expect(folder.failure()).toMatchObject({ line: 2, key: 'journal.max_bytes', code: 'ERR_AUDIT_CONFIG' });
    expect(folder.failure().message).toContain('wrong value "a lot"; allowed: a number of bytes');
  });

  it('names every problem at once, in the order of the file', () => {
    folder.write('metrics: nowhere\njournal: 7\nendpoint:\n  url: ftp://x\n  compression: brotli\nnonsense: 1\n');
    expect(folder.failure().problems.map(({ line, key }) => [line, key])).toEqual([
      [1, 'metrics'],
      [2, 'journal'],
      [4, 'endpoint.url'],
      [5, 'endpoint.compression'],
      [6, 'nonsense'],
    ]);
  });

  it.each([
    ['a tab as indentation', 'journal:\n\tdirectory: x\n', 2],
    ['an open quote', 'service:\n  name: "x\n', 3],
    ['a key twice', 'metrics: off\nmetrics: off\n', 2],
    ['a list where a section belongs', '- a\n', 1],
    ['two documents', 'metrics: off\n---\nmetrics: off\n', 2],
  ])('%s', (_, text, line) => {
    folder.write(text);
    expect(folder.failure()).toMatchObject({ file: join(folder.path, 'botaudit.yaml'), line });
  });

  it('refuses aliases that grow without bound', () => {
    const level = (n: number) =>
      `a${n}: &a${n} [${Array(12)
        .fill(`*a${n - 1}`)
        .join(',')}]`;
    folder.write(`a0: &a0 [x]\n${[1, 2, 3, 4, 5, 6, 7].map(level).join('\n')}\n`);
    expect(folder.failure().message).toContain('too many aliases');
  });

  it('refuses a key that would change a prototype', () => {
    folder.write('__proto__:\n  disabled: true\n');
    expect(folder.failure().message).toContain('unknown key');
    expect(({} as { disabled?: unknown }).disabled).toBeUndefined();
  });

  it('says when the file that was named does not exist, is a folder, or cannot be read', () => {
    expect(folder.failure({ BOTAUDIT_CONFIG: 'missing.yaml' }).message).toContain('missing.yaml: does not exist');
    expect(folder.failure({ BOTAUDIT_CONFIG: '.' }).message).toContain('is a folder, not a file');
  });

  it('says when this user may not read it', () => {
    folder.write('metrics: off\n');
    chmodSync(join(folder.path, 'botaudit.yaml'), 0o000);
    expect(asOrdinaryUser(() => folder.failure()).message).toContain('this user has no right to');
  });

  it('does not show a stack trace', () => {
    folder.write('x: 1\n');
    expect(folder.failure().stack).not.toMatch(/^\s+at /m);
  });
});

describe('secrets are never shown', () => {
  const SECRET = 's3cr3t-t0ken';
  it.each([
    ['a header without a name', { OTEL_EXPORTER_OTLP_AUDIT_HEADERS: SECRET }],
    ['a header with a line break', { OTEL_EXPORTER_OTLP_AUDIT_HEADERS: `authorization=${SECRET}%0d%0ax:y` }],
    ['credentials in the address', { OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: `https://me:${SECRET}@collector` }],
    ['an address that is none', { OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: `collector?token=${SECRET}` }],
  ])('%s in the environment', (_, env) => {
    const error = folder.failure(env as unknown as Record<string, string>);
    expect(error.variable).toBe(Object.keys(env)[0]);
    expect(error.message).not.toContain(SECRET);
    expect(error.message).toContain('wrong value (not shown); allowed: ');
  });

  it.each([
    ['a list of headers', `endpoint:\n  headers: [${SECRET}]\n`],
    ['an indentation that is wrong after a secret', `endpoint:\n  headers:\n    authorization: ${SECRET}\n   x: y\n`],
    ['an alias that looks like one', `endpoint:\n  headers: *${SECRET}\n`],
    ['a secret with a colon', `endpoint:\n  headers: authorization: ${SECRET}: x\n`],
    ['a secret after a quote', `endpoint:\n  headers: "a" ${SECRET}\n`],
  ])('%s in the file', (_, text) => {
    folder.write(text);
    expect(folder.failure().message).not.toContain(SECRET);
  });
});
