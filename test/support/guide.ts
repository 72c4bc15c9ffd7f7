import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** A page of documentation, by its path in the repository. */
export async function readPage(path: string): Promise<string> {
  return readFile(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
}

/** The fenced blocks of a page in one language, such as `sh`, in their order. */
export function fencedBlocks(page: string, language: string): string[] {
  return [...page.matchAll(/^```(\S*)\n(.*?)^```$/gms)].flatMap(([, is, text = '']) => (is === language ? [text] : []));
}
