import type { Section } from '../report.ts';
import { CONTENDERS } from './contenders.ts';

/** What the figures are to be read with: they are of things that promise different things. */
export async function promises(): Promise<Section> {
  return {
    title: 'What each of them promises',
    method:
      'Nothing here is measured. Each is set up as its own documentation says, with the defaults of what that does not name. ' +
      '`pino` and the stock processor are not made for audit, and promise nothing else than they do.',
    columns: ['', 'when the call has returned, the record is', 'changes and removals are found'],
    rows: CONTENDERS.map(({ name, promise, chained }) => [name, promise, chained]),
    goals: [],
  };
}
