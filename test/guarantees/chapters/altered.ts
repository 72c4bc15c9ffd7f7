import type { Chapter } from '../guarantee.ts';

export const ALTERED: Chapter = {
  title: 'Somebody alters what was written',
  text: 'With the public key kept elsewhere. What whoever has the private key too can do is in [what checkpoints prove](verification.md).',
  guarantees: [
    {
      id: 'corruption',
      fault:
        'Any bit is turned, any line removed, repeated, swapped or put in, any file cut at any byte, gone, or another stream’s',
      promise:
        '`botaudit verify` finds it, or it changes nothing that verification vouches for. Verification itself never crashes or hangs.',
      proof: {
        project: 'unit',
        files: ['packages/cli/test/corruption.test.ts', 'packages/cli/test/corruption-beside.test.ts'],
        env: { BOTAUDIT_EXHAUSTIVE: '1' },
      },
    },
    {
      id: 'forgery',
      fault: 'Whoever may write the journal, but has no key, forges it',
      promise:
        'Records and checkpoints that are changed, cut off, removed or made up are found where a checkpoint, or another stream, vouches for them; what looks like a killed process is told as such, and a checkpoint kept elsewhere proves the rest.',
      proof: {
        project: 'unit',
        files: [
          'packages/cli/test/verify-forged.test.ts',
          'packages/cli/test/verify-signed.test.ts',
          'packages/record/test/verify-signed.test.ts',
        ],
      },
    },
    {
      id: 'archive-damage',
      fault: 'An archive is damaged, in part or with care',
      promise: '`botaudit archive --restore-check` names the object and the records.',
      proof: { project: 'unit', files: ['packages/cli/test/archive-damage.test.ts'] },
    },
    {
      id: 'bad-input',
      fault: 'A journal is garbage, hostile, huge, of another owner, of a version to come, or loops',
      promise:
        'Every command has a finding or a clear error: no hang, no crash, no memory without bound; nothing in it is interpreted by a terminal.',
      proof: {
        project: 'unit',
        files: [
          'packages/journal/test/bad-input.test.ts',
          'packages/cli/test/bad-input.test.ts',
          'packages/cli/test/bad-journals.test.ts',
        ],
      },
    },
  ],
};
