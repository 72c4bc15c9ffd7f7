import type { Part } from '../part.ts';
import { collector } from './collector.ts';

/** The parts of the stack, in the order in which they are started; they are stopped in the opposite order. */
export const PARTS: readonly Part[] = [collector];
