/** Where something stands in a configuration: names of members, and numbers, from 0, of those of lists. */
export type ConfigPath = readonly (string | number)[];

/** As it is told to people: `policy.rules[2].event`. */
export function keyOf(path: ConfigPath): string {
  return path.reduce<string>((key, part) => {
    if (typeof part === 'number') return `${key}[${part}]`;
    return key === '' ? part : `${key}.${part}`;
  }, '');
}

/** What {@link keyOf} was given. No name of ours holds a dot or a bracket. */
export function pathOf(key: string): ConfigPath {
  return Array.from(key.matchAll(/\[(\d+)\]|[^.[\]]+/g), ([name, index]) =>
    index === undefined ? name : Number(index),
  );
}
