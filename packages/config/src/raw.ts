import type { ConfigOption } from './option.js';
import type { ConfigPath } from './path.js';

/** A tree of sections and lists with raw values. */
export interface RawSection {
  [name: string]: unknown;
}

const MAX_SHOWN = 60;

/** Says what a value is, unless it may be a secret. */
export function wrong({ secret }: ConfigOption, value: unknown): string {
  if (secret) return 'wrong value (not shown)';
  return `wrong value ${shown(value)}`;
}

function shown(value: unknown): string {
  if (isScalar(value)) return JSON.stringify(value).slice(0, MAX_SHOWN);
  if (!Array.isArray(value)) return '(a map)';
  return value.every(isScalar)
    ? `[${value.map((each) => JSON.stringify(each)).join(', ')}]`.slice(0, MAX_SHOWN)
    : '(a list)';
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

export function get(raw: RawSection, path: ConfigPath): unknown {
  let node: unknown = raw;
  for (const part of path) node = (node as RawSection | undefined)?.[part];
  return node;
}

export function set(raw: RawSection, path: readonly string[], value: unknown): void {
  let node = raw;
  for (const name of path.slice(0, -1)) {
    node[name] ??= {};
    node = node[name] as RawSection;
  }
  node[path.at(-1) as string] = value;
}
