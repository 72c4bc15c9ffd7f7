import { type Part, StackError } from '../part.ts';
import { alertmanager } from './alertmanager.ts';
import { collector } from './collector.ts';
import { elasticsearch } from './elasticsearch.ts';
import { indexer } from './indexer.ts';
import { kafka } from './kafka.ts';
import { prometheus } from './prometheus.ts';
import { s3 } from './s3.ts';

/** The parts of the stack, in the order in which they are started; they are stopped in the opposite order. */
export const PARTS: readonly Part[] = [elasticsearch, indexer, collector, alertmanager, prometheus, s3, kafka];

/**
 * The parts of these names; all of them when none is named.
 *
 * @throws {StackError} when there is no part of a name.
 */
export function selectParts(names: readonly string[]): readonly Part[] {
  const unknown = names.find((name) => !PARTS.some((part) => part.name === name));
  if (unknown === undefined) return PARTS.filter(({ name }) => names.length === 0 || names.includes(name));
  throw new StackError(`There is no part ${unknown}. The parts are: ${PARTS.map(({ name }) => name).join(', ')}`);
}
