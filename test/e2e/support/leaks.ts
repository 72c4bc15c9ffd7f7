import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** All that a run has left in its folder, by file. */
export async function everyFile(folder: string): Promise<Map<string, string>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path, 'latin1')] as const)));
}

/** Where secrets that were planted have come out, with what stands around them. */
export function leaksIn(outputs: ReadonlyMap<string, string>, planted: readonly string[]): string[] {
  return [...outputs].flatMap(([name, text]) =>
    planted
      .filter((one) => text.includes(one))
      .map((one) => `${name}: ${text.slice(text.indexOf(one) - 80).slice(0, 160)}`),
  );
}
