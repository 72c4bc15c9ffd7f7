import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { partCache } from '../../scripts/stack/cache.ts';
import type { Installed } from '../../scripts/stack/part.ts';
import { Collector, type CollectorOptions, collector } from '../../scripts/stack/parts/collector.ts';
import { Progress } from '../../scripts/stack/progress.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/**
 * The collector's program.
 *
 * @throws when it is not installed.
 */
export async function installedCollector(): Promise<Installed> {
  const cache = await partCache(process.env, collector.name);
  const installed = await collector.locate({ env: process.env, cache, progress: new Progress() });
  if (!installed) throw new Error('There is no collector. Run: npm run stack:install');
  return installed;
}

/** Starts a collector that is stopped, and whose folder is removed, when the test has ended. */
export async function startCollector(
  options: Pick<CollectorOptions, 'overlays' | 'configs' | 'env'> & { readonly token?: string } = {},
): Promise<{ readonly collector: Collector; readonly token: string }> {
  const token = options.token ?? randomBytes(16).toString('hex');
  // Handlers run last come, first served: the collector has ended when its folder goes.
  const folder = await temporaryFolder();
  const running = await Collector.start({ ...options, installed: await installedCollector(), folder, token });
  onTestFinished(() => running.stop());
  return { collector: running, token };
}
