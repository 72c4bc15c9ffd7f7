import type { Chapter } from '../guarantee.ts';

export const PROCESSES: Chapter = {
  title: 'Processes end, stop, and meet',
  text: 'The bot’s process, its threads, and others that share its folder.',
  guarantees: [
    {
      id: 'kill',
      fault: 'The bot is killed with `kill -9`, at any moment, under load',
      promise:
        'Every record whose `write` had returned is whole and in its place in the chain, whatever the durability from `process` on. Whoever starts next in the folder takes the stream over, ships it to its end under the same record ids, and puts on record where it ended. A line that was being written may be torn; it is told as torn, and is no break.',
      proof: { project: 'faults', files: ['test/faults/kill.test.ts'], env: { BOTAUDIT_FAULT_RUNS: '1000' } },
    },
    {
      id: 'exit',
      fault: 'The bot ends by itself, by `process.exit`, by a signal, or by an error that nobody caught',
      promise:
        'All that it did, to the last record of its last tick, is on disk, its stream is closed and signed, and exit code and signal are what they would be without auditing.',
      proof: { project: 'unit', files: ['packages/sdk/test/exit.test.ts'] },
    },
    {
      id: 'exit-bound',
      fault: 'The bot ends while the receiver is slow, silent or gone',
      promise:
        'The end waits for what was done last to be acknowledged, and no longer than a second; what is not acknowledged by then is shipped by whoever starts next.',
      proof: { project: 'unit', files: ['packages/sdk/test/exit-shipping.test.ts'] },
    },
    {
      id: 'open-attempt',
      fault: 'The bot is killed between a dangerous action and its outcome',
      promise:
        'The attempt was on disk before the action began. The next start reports the attempts that have no outcome, and invents none.',
      proof: { project: 'unit', files: ['packages/sdk/test/backend-recovery.test.ts'] },
    },
    {
      id: 'processes',
      fault:
        'Many processes and threads in one folder; some die, some are stopped (`SIGSTOP`) and wake, containers are all pid 1',
      promise:
        'Each has a stream of its own. A stream is taken over once its writer is gone, never while it lives or is stopped, by one of those who try at once; pids decide nothing. On a file system without locks it is taken over after an hour without a write, and all that its writer adds when it wakes is taken over too.',
      proof: {
        project: 'unit',
        files: [
          'packages/journal/test/processes.test.ts',
          'packages/journal/test/liveness.test.ts',
          'packages/journal/test/adoption.test.ts',
        ],
      },
    },
    {
      id: 'soak',
      fault: 'An hour of load, restarts, kills, outages of the receiver, and a folder that is always full',
      promise:
        'Nothing is lost, what goes by retention is on record, the journal is authentic, and memory, descriptors and threads of the bot that runs all the time do not grow.',
      proof: {
        project: 'faults',
        files: ['test/faults/soak.test.ts'],
        only: 'of load',
        env: { BOTAUDIT_SOAK_MINUTES: '60' },
      },
    },
  ],
};
