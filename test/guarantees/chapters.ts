import { ALTERED } from './chapters/altered.ts';
import { DELIVERY } from './chapters/delivery.ts';
import { DISK } from './chapters/disk.ts';
import { PROCESSES } from './chapters/processes.ts';
import { TIME } from './chapters/time.ts';
import type { Chapter } from './guarantee.ts';

/** All that is promised, in the order of the page. */
export const CHAPTERS: readonly Chapter[] = [PROCESSES, DISK, DELIVERY, ALTERED, TIME];
