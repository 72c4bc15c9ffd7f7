import type { Chapter } from '../guarantee.ts';

export const DISK: Chapter = {
  title: 'Power and disks fail',
  text: 'The journal is in the bot’s hands alone; nothing of this needs a network.',
  guarantees: [
    {
      id: 'power',
      fault: 'Power is lost',
      promise:
        'With durability `power`, what was written with an inline sync (all that fails closed) is there, with the folders that lead to it; so is what the background sync took in since. A stream that was closed is there whole.',
      proof: { project: 'unit', files: ['packages/journal/test/power.test.ts'] },
    },
    {
      id: 'crash',
      fault: 'A crash or a loss of power at every single system call, with writes that are short, fail, or are torn',
      promise:
        'On a simulated disk that keeps any part of what was not synced: for every point of every sequence of calls, what was promised by then is there, and nothing that was never written is.',
      proof: { project: 'unit', files: ['packages/journal/test/crash.test.ts'], env: { BOTAUDIT_CRASH_RUNS: '50' } },
    },
    {
      id: 'full-disk',
      fault: 'The disk, the quota or the limit of the folder is full; the folder can’t be written',
      promise:
        'The bot goes on. What could not be written is refused, counted (`audit_records_dropped_total`), alerted, and on the chain as `audit.records.lost` once there is room. What had been written is untouched.',
      proof: {
        project: 'faults',
        files: ['test/faults/disk.test.ts'],
      },
    },
    {
      id: 'full-disk-journal',
      fault: 'The disk fills at any byte, or keeps nothing of what it took',
      promise:
        'No line is half there and believed; what was cut is told as torn. A line that could not be synced is told as in doubt, and the next goes to a new segment.',
      proof: {
        project: 'unit',
        files: [
          'packages/journal/test/full-disk.test.ts',
          'packages/sdk/test/backend-disk.test.ts',
          'packages/sdk/test/backend-power.test.ts',
        ],
      },
    },
    {
      id: 'fail-closed',
      fault: 'There is no room, and the policy says that an action must not happen unrecorded',
      promise:
        'It does not happen: the attempt is on disk before, or the call is refused with `AuditUnavailableError`, counted and alerted. An update that fails closed waits, is not confirmed to the platform, and is handled once there is room. All else goes on.',
      proof: {
        project: 'faults',
        files: ['test/faults/fail-closed.test.ts'],
      },
    },
    {
      id: 'compression',
      fault: 'A process is killed while it compresses finished segments; a compressed segment is damaged, or a bomb',
      promise: 'Each record is there once. Damage is a finding, and no reader hangs or runs out of memory.',
      proof: { project: 'unit', files: ['packages/journal/test/compression.test.ts'] },
    },
    {
      id: 'retention',
      fault: 'Retention removes what is too old or too much',
      promise:
        'Whole segments go, oldest first, never one that nobody acknowledged where somebody has to; that they go is on record before they do, and what is left verifies as pruned up to a record that a checkpoint proves.',
      proof: {
        project: 'unit',
        files: [
          'packages/journal/test/retention.test.ts',
          'packages/journal/test/retention-age.test.ts',
          'packages/cli/test/archive-retention.test.ts',
        ],
      },
    },
  ],
};
