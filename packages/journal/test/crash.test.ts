import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Durability } from '../src/index.js';
import type { Fault } from './simulation/disk.js';
import { Machine, type Step } from './simulation/machine.js';

vi.mock('../src/file-system.js', () => import('./simulation/file-system.js'));
vi.mock('../src/file-lock.js', () => import('./simulation/file-lock.js'));
vi.mock('../src/start-sync-worker.js', () => import('./simulation/sync-workers.js'));

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance', 'Date'],
  });
});
afterEach(() => {
  vi.useRealTimers();
});

const append = fc.record({
  kind: fc.constant('append' as const),
  bytes: fc.nat(700),
  sync: fc.boolean(),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: append },
  { weight: 3, arbitrary: fc.constant({ kind: 'sync' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'flush' } as const) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 1000, 6000, 61_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('ship' as const), records: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'compress' } as const) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), isKilled: fc.boolean() }) },
);
const failing: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: step },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fault' as const),
      call: fc.constantFrom(
        'write',
        'write',
        'fdatasync',
        'fdatasync',
        'fsync',
        'open',
        'rename',
        'mkdir',
        'close',
        'fstat',
      ),
      fault: fc.constantFrom('EIO' as const, 'ENOSPC' as const, 'EROFS' as const, 'EFBIG' as const, 'short' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('full' as const), isFull: fc.boolean() }) },
);

/** More, for a longer look. */
const RUNS = Number(process.env.BOTAUDIT_CRASH_RUNS ?? 10);
const TIMEOUT_MS = 120_000 + RUNS * 5000;

/** Picks what of the unsynced the kernel happened to have written. */
function picker(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return most === 0 ? 0 : (state >>> 8) % (most + 1);
  };
}

const line: Step = { kind: 'append', bytes: 100, sync: false };
const long: Step = { kind: 'append', bytes: 700, sync: false };
const synced: Step = { kind: 'append', bytes: 100, sync: true };
const syncNow: Step = { kind: 'sync' };
const fault = (call: string, what: Fault): Step => ({ kind: 'fault', call, fault: what });

/** Where something could go wrong; chance alone comes here too seldom. */
const EXAMPLES: [Durability, Step[], number][] = [
  ['power', [line, fault('fdatasync', 'EIO'), syncNow, line, syncNow, line, syncNow], 1],
  ['power', [synced, fault('fdatasync', 'EIO'), synced, synced, line], 2],
  ['power', [long, long, long, long, long, long, syncNow, long], 3],
  ['power', [long, long, long, fault('fdatasync', 'EIO'), long, long, long, syncNow], 4],
  ['power', [line, fault('fsync', 'EIO'), syncNow, line, syncNow, { kind: 'restart', isKilled: true }, synced], 5],
  ['power', [line, fault('open', 'EIO'), syncNow, synced, fault('write', 'EIO')], 12],
  ['power', [line, fault('fdatasync', 'EIO'), synced, line, syncNow], 13],
  ['process', [line, fault('write', 'short'), fault('write', 'EIO'), line, line], 6],
  ['process', [line, fault('write', 'short'), fault('write', 'EFBIG'), line, line], 7],
  ['power', [long, long, long, synced, long, { kind: 'compress' }, { kind: 'ship', records: 3 }, synced], 10],
  ['process', [long, long, long, { kind: 'restart', isKilled: true }, { kind: 'compress' }, line], 11],
  ['memory', [line, line, fault('write', 'short'), fault('write', 'EFBIG'), { kind: 'flush' }, line, synced], 8],
  ['memory', [line, fault('write', 'short'), fault('write', 'EIO'), synced, line, { kind: 'flush' }], 9],
];

const durability = fc.constantFrom<Durability>('memory', 'process', 'power');

/** Runs the steps and crashes before the call of this number, in each way that there is; what is wrong then. */
function crashesAt(call: number, kind: Durability, steps: readonly Step[], seed: number): string[] {
  const wrong: string[] = [];
  for (const crash of ['kill', 'orderly power loss', 'power loss'] as const) {
    const machine = new Machine(kind);
    machine.disk.crashAt = call;
    machine.run(steps);
    if (crash === 'kill') machine.kill();
    else machine.losePower(picker(seed + call), crash === 'orderly power loss');
    const found = [
      ...machine.violations(crash),
      ...machine.violationsOfDelivery(crash === 'kill' ? 'kill' : 'power loss'),
    ];
    wrong.push(...found.map((each) => `${crash} before call ${call}: ${each}`));
  }
  return wrong;
}

describe('on a simulated disk, what was promised is there, and nothing else', () => {
  it.each([
    ['whatever the process does, wherever it crashes', step, []],
    ['whatever the disk does, wherever it crashes', failing, EXAMPLES],
  ])('%s', { timeout: TIMEOUT_MS }, (_, steps, examples) => {
    fc.assert(
      fc.property(durability, fc.array(steps, { minLength: 1, maxLength: 12 }), fc.nat(), (kind, list, seed) => {
        const whole = new Machine(kind);
        whole.run(list);
        const { calls } = whole.disk;
        for (let call = 0; call <= calls; call++) expect(crashesAt(call, kind, list, seed)).toEqual([]);
      }),
      { numRuns: RUNS + examples.length, examples },
    );
  });
});
