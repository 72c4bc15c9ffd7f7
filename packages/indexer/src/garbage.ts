import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 clear up garbage while there is little of it. What is in use is bounded by the memory budget; but where the
 * machine is large V8 lets the space of young objects grow to 128 MB, and the rest, with the buffers outside of the heap,
 * to several times what is in use, and gives little of it back. To be called once, early, by whoever the process belongs to.
 */
export function boundGarbage(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=30');
}
