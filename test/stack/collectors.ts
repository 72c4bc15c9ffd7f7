import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { Collector, type CollectorOptions, collector } from '../../scripts/stack/parts/collector.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { installed } from './installed.ts';

/** Starts a collector that is stopped, and whose folder is removed, when the test has ended. */
export async function startCollector(
  options: Pick<CollectorOptions, 'overlays' | 'configs' | 'env'> & { readonly token?: string } = {},
): Promise<{ readonly collector: Collector; readonly token: string }> {
  const token = options.token ?? randomBytes(16).toString('hex');
  // Handlers run last come, first served: the collector has ended when its folder goes.
  const folder = await temporaryFolder();
  const running = await Collector.start({ ...options, installed: await installed(collector), folder, token });
  onTestFinished(() => running.stop());
  return { collector: running, token };
}
