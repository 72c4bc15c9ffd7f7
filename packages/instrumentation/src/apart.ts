import { withContext } from '@botaudit/api';
import { guard } from './guard.js';
import { otelGlobal, SPAN_KEY } from './otel-global.js';

/**
 * Runs `fn` in the name of nobody and in no trace: what is being handled has not led to it. Queues of frameworks hand
 * over what waits in them while they handle something else, and connections outlive what they were made for.
 */
export function apart<T>(fn: () => T): T {
  const { context: manager } = otelGlobal();
  const bare = guard('tracing', () => manager?.active().setValue(SPAN_KEY, undefined));
  const run = (): T => withContext({}, fn);
  return manager && bare ? manager.with(bare, run) : run();
}
