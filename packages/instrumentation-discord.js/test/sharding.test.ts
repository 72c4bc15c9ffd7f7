import { afterEach, expect, test } from 'vitest';
import { patchShard } from '../src/sharding.js';

const own = [...process.execArgv];
afterEach(() => {
  process.execArgv = own;
});

class Shard {
  execArgv: unknown;

  constructor(execArgv: unknown) {
    this.execArgv = execArgv;
  }

  async spawn(): Promise<unknown> {
    return this.execArgv;
  }
}
patchShard(Shard.prototype);

const REGISTER = 'file:///app/node_modules/@botaudit/auto/dist/register.js';

const CASES: readonly [readonly string[], readonly string[], readonly string[]][] = [
  [['--import', REGISTER, '--inspect'], [], ['--import', REGISTER]],
  [[`--import=${REGISTER}`], ['--trace-warnings'], [`--import=${REGISTER}`, '--trace-warnings']],
  [['--import', '@botaudit/auto/register'], [], ['--import', '@botaudit/auto/register']],
  [['--import', REGISTER], [`--import=${REGISTER}`], [`--import=${REGISTER}`]],
  [['--import', './other.js'], [], []],
];

test.for(CASES)('a process with %j starts a shard that is given %j with %j', async ([flags, given, expected]) => {
  process.execArgv = [...flags];
  const shard = new Shard(given);
  expect(await shard.spawn()).toEqual(expected);
  expect(shard.execArgv).toBe(given);
});

test('a shard whose options are none is started as ever', async () => {
  process.execArgv = ['--import', REGISTER];
  const shard = new Shard(undefined);
  expect(await shard.spawn()).toBe(undefined);
});
