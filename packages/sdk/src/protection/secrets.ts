import type { Config } from '../config/load-config.js';
import { RULE_GROUPS, removed } from './rules.js';

// Most texts of a record are ids, verbs and names: one pass over their characters tells that no rule can match.
const NEUTRAL = 0;
const WORD = 1;
const SUSPECT = 2;
const COLON = 3;
const CLASSES = new Uint8Array(128).fill(NEUTRAL);
for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-') {
  CLASSES[character.charCodeAt(0)] = WORD;
}
for (const character of '=@"\' \t\r\n') CLASSES[character.charCodeAt(0)] = SUSPECT;
CLASSES[':'.charCodeAt(0)] = COLON;

/** Every token that has a shape of its own holds a run of at least this many letters, digits, `_` and `-`. */
const TOKEN_RUN = 16;
/** As long as `authorization`, the one rule for which a colon is enough. */
const HEADER_RUN = 13;

function maySecretsHold(text: string): boolean {
  let run = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const kind = code < 128 ? CLASSES[code] : NEUTRAL;
    if (kind === WORD) {
      if (++run === TOKEN_RUN) return true;
    } else {
      if (kind === SUSPECT || (kind === COLON && run >= HEADER_RUN)) return true;
      run = 0;
    }
  }
  return false;
}

/** A secret that this process was given: its very text is removed wherever it turns up. */
export interface KnownSecret {
  readonly kind: string;
  readonly value: string;
}

/** Shorter ones would be found in what is none. */
const MIN_KNOWN_LENGTH = 8;

/** The secrets that a configuration holds and that no rule would know by their look. */
export function secretsOf({ endpoint, protection }: Pick<Config, 'endpoint' | 'protection'>): KnownSecret[] {
  const keys = (protection.pseudonym.key ?? '').split(/\s+|\\n|:/);
  return [
    ...secretsOfHeaders(endpoint?.headers ?? {}),
    // Names are shorter.
    ...keys.filter((part) => part.length > 32).map((value) => ({ kind: 'pseudonym_key', value })),
  ];
}

/** The parts of a header's value that are secret by themselves: `Bearer abc…` and `abc…`. */
export function secretsOfHeaders(headers: Readonly<Record<string, string>>): KnownSecret[] {
  return Object.values(headers)
    .flatMap((value) => [value, ...value.split(/\s+/)])
    .filter((value, index, all) => all.indexOf(value) === index)
    .map((value) => ({ kind: 'endpoint_header', value }));
}

/**
 * Makes a function that removes secrets from a text: those that are known by their look or their surroundings, and those
 * of `known`, each replaced by `[removed:<kind>]`. It takes time linear in the length of the text, and nanoseconds for
 * an ordinary short one.
 */
export function secretRemover(known: readonly KnownSecret[] = []): (text: string) => string {
  const literals = known
    .filter(({ value }) => value.length >= MIN_KNOWN_LENGTH)
    .sort((a, b) => b.value.length - a.value.length); // The whole before its parts.
  const shortest = literals.at(-1)?.value.length ?? Number.POSITIVE_INFINITY;
  return (text) => {
    let result = text;
    if (text.length >= shortest) {
      for (const { kind, value } of literals) {
        if (result.includes(value)) result = result.replaceAll(value, () => removed(kind));
      }
    }
    if (!maySecretsHold(result)) return result;
    for (const { marker, rules } of RULE_GROUPS) {
      if (!marker.test(result)) continue;
      for (const { pattern, replace } of rules) result = result.replace(pattern, replace);
    }
    return result;
  };
}
