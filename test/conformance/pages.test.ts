import { access, readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fencedBlocks, readPage } from '../support/guide.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Pages that people type from. */
const PAGES = [
  'README.md',
  'docs/getting-started.md',
  'docs/pipeline.md',
  'docs/pipeline-by-hand.md',
  'collector-config/README.md',
  'collector-config/elasticsearch/README.md',
  'collector-config/prometheus/README.md',
  'packages/indexer/README.md',
];

/** Where variables are read, or said to be: code, configuration, and reference pages that are made of code. */
const READERS = ['packages', 'collector-config', 'scripts', 'docs/reference'];
const READER = /^(?!.*(node_modules|\/dist\/|\/test\/)).*(\.(ts|mjs|ya?ml)|\/reference\/[^/]*\.md)$/;

const matches = (text: string, pattern: RegExp) => [
  ...new Set([...text.matchAll(pattern)].map(([, found = '']) => found)),
];

async function missingOf(paths: readonly string[]): Promise<string[]> {
  const there = await Promise.all(
    paths.map((path) =>
      access(join(ROOT, path)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_, i) => !there[i]);
}

/** The anchor that a heading gets: its text in lower case, without punctuation, with hyphens. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

test.each(PAGES)('%s: what it links to is there', async (path) => {
  const page = await readPage(path);
  const links = matches(page, /\]\((?!\w+:)([^)]+)\)/g).map((link) => link.split('#') as [string, string?]);
  const files = links.map(([file, heading]) => [file ? normalize(join(dirname(path), file)) : path, heading] as const);
  expect(await missingOf(files.map(([file]) => file))).toEqual([]);
  for (const [file, heading] of files) {
    if (heading === undefined) continue;
    expect(matches(await readPage(file), /^#+ (.+)$/gm).map(anchor), `headings of ${file}`).toContain(heading);
  }
});

test.each(PAGES)('%s: the files, scripts and options that it names are there', async (path) => {
  const page = await readPage(path);
  expect(
    await missingOf(
      matches(page, /(?:[`\s]|\$CLONE\/)((?:collector-config|docs|examples|packages|scripts)\/[\w./-]*\w)/g),
    ),
  ).toEqual([]);
  expect(await missingOf(matches(page, /\$config\/([\w./-]+)/g).map((file) => `collector-config/${file}`))).toEqual([]);

  const { scripts } = JSON.parse(await readPage('package.json')) as { scripts: object };
  for (const script of matches(page, /\bnpm (?:--prefix \S+ )?run (?:--\S+ )*([\w:]+)/g)) {
    expect(Object.keys(scripts)).toContain(script);
  }

  const reference = await readPage('docs/reference/cli.md');
  for (const [, command = '', rest = ''] of fencedBlocks(page, 'sh')
    .join('')
    .matchAll(/\bbotaudit (\w+)([^\n|;#]*)/g)) {
    const [, usage = ''] = reference.split(`\n## botaudit ${command}\n`);
    expect(usage, `botaudit ${command}`).not.toBe('');
    const [own = ''] = usage.split('\n## ');
    const [before = ''] = rest.split(' -- ');
    for (const option of matches(before, /\s(--[\w-]+)/g)) expect(own).toContain(option);
  }
});

test('each variable that a page names is read somewhere', async () => {
  const read = new Set<string>();
  const pattern = /\b((?:BOTAUDIT|AUDIT|OTEL_EXPORTER_OTLP_AUDIT)_[A-Z0-9_]*[A-Z0-9])\b/g;
  for (const folder of READERS) {
    for (const name of await readdir(join(ROOT, folder), { recursive: true })) {
      const path = `${folder}/${name}`;
      if (!READER.test(path)) continue;
      for (const variable of matches(await readFile(join(ROOT, path), 'utf8'), pattern)) read.add(variable);
    }
  }
  for (const path of PAGES) {
    const unknown = matches(await readPage(path), pattern).filter((name) => !read.has(name));
    expect(unknown, path).toEqual([]);
  }
});
