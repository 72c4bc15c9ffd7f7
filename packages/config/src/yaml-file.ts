import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import type { ConfigPath } from './path.js';
import type { ConfigProblem } from './problem.js';

/** A configuration file as it was read. */
export interface YamlFile {
  readonly file: string;
  /** What it holds; members without a value are left out. `undefined` when it could not be read. */
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
  /** The line on which the member at `path` starts, or the nearest one above it that exists. */
  lineOf(path: ConfigPath): number | undefined;
}

/**
 * Reads a YAML file.
 *
 * @param optional whether it may be absent.
 * @returns `undefined` when it is absent and may be.
 */
export function readYamlFile(file: string, optional: boolean): YamlFile | undefined {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (optional && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined;
    return { ...unreadable(file, READING[code ?? ''] ?? `cannot be read (${code})`), lineOf: () => undefined };
  }
  return parse(file, source);
}

const READING: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EISDIR: 'is a folder, not a file',
  EACCES: 'cannot be read: this user has no right to',
  EPERM: 'cannot be read: this user has no right to',
};

function unreadable(file: string, problem: string, line?: number) {
  return { file, value: undefined, problems: [{ file, line, problem, allowed: 'a readable YAML file' }] };
}

function parse(file: string, source: string): YamlFile {
  // Loaded here and not above: most processes have no file, and the parser costs them some 25 ms.
  const yaml = createRequire(import.meta.url)('yaml') as typeof Yaml;
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(source, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const line = (offset: number | undefined) => (offset === undefined ? undefined : lines.linePos(offset).line);
  const error = document.errors[0];
  if (error) {
    return {
      ...unreadable(file, `is not valid YAML: ${harmless(error)}`, line(error.pos[0])),
      lineOf: () => undefined,
    };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch {
    // The only reason left for it to fail: aliases that would grow without bound.
    return { ...unreadable(file, 'is not usable: too many aliases'), lineOf: () => undefined };
  }
  return {
    file,
    value: withoutNulls(value),
    problems: [],
    lineOf: (path) => line(offsetOf(yaml, document, path)) ?? 1,
  };
}

/** The parser's reason without what it quotes of the file, which may be a secret. */
function harmless(error: Yaml.YAMLParseError): string {
  const sentence = error.message.split(/[:`"]/, 1)[0]?.trim() ?? '';
  return sentence === '' ? error.code : sentence;
}

/** `key:` without a value means that the key is not set. */
function withoutNulls(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value ?? undefined;
  // What is nothing in a list stays there, or the others would stand elsewhere.
  if (Array.isArray(value)) return value.map((member) => (member === null ? null : withoutNulls(member)));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([name, member]) => [name, withoutNulls(member)]),
  );
}

function offsetOf(yaml: typeof Yaml, document: Yaml.Document.Parsed, path: ConfigPath): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const part of path) {
    // What an alias stands for is written elsewhere, and that is the place to mend.
    if (yaml.isAlias(node)) node = node.resolve(document);
    if (typeof part === 'number') {
      node = yaml.isSeq(node) ? node.items[part] : undefined;
      offset = (node as Yaml.Node | undefined)?.range?.[0] ?? offset;
    } else {
      const pair = yaml.isMap(node)
        ? node.items.find(({ key }) => yaml.isScalar(key) && String(key.value) === part)
        : undefined;
      offset = (pair?.key as Yaml.Scalar | undefined)?.range?.[0] ?? offset;
      node = pair?.value;
    }
    if (node === undefined || node === null) break;
  }
  return offset;
}
