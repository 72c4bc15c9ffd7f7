import { partCache } from '../../scripts/stack/cache.ts';
import type { Installed, Part } from '../../scripts/stack/part.ts';
import { Progress } from '../../scripts/stack/progress.ts';

/**
 * The programs of a part.
 *
 * @throws when they are not installed.
 */
export async function installed(part: Part): Promise<Installed> {
  const cache = await partCache(process.env, part.name);
  const found = await part.locate({ env: process.env, cache, progress: new Progress() });
  if (!found) throw new Error(`${part.title} is not installed. Run: npm run stack:install`);
  return found;
}
