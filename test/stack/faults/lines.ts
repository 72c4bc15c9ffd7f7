import { readFile } from 'node:fs/promises';

/** A line of the table of faults. */
export interface FaultLine {
  readonly kind: 'bad input' | 'outage' | 'kill';
  readonly fault: string;
  /** How often it was done. */
  readonly times: number;
  /** How it showed: what made sure that it was there. */
  readonly seen: string;
  /** Records whose write returned, or that a sender sent. */
  readonly sent: number;
  readonly stored: number;
  /** With the rejected ones, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Answered with an error, so that they stay with their sender, by status. */
  readonly refused: Readonly<Record<string, number>>;
  readonly lost: number;
  /** Documents beside the first one for each `audit.record.id`. */
  readonly duplicates: number;
  /** How long the fault lasted; of a fault that was done several times, all of them together. */
  readonly seconds: number;
}

/** What a run was made against. */
export interface Component {
  readonly component: string;
  readonly version: string;
}

/** What a run has added to a file. */
export interface Results {
  readonly lines: readonly FaultLine[];
  readonly components: readonly Component[];
}

const KINDS: readonly FaultLine['kind'][] = ['bad input', 'outage', 'kill'];
const NUMBERS_FROM = 3;
const COLUMNS = [
  ...['', 'fault', 'seen as', 'times', 'lasted, s'],
  ...['sent', 'stored', 'rejected', 'refused', 'lost', 'twice'],
];

export async function readResults(path: string): Promise<Results> {
  const texts = (await readFile(path, 'utf8')).split('\n').filter(Boolean);
  const all = [...new Set(texts)].map((text) => JSON.parse(text) as FaultLine | Component);
  return {
    lines: all.filter((one) => 'fault' in one),
    components: all.filter((one) => 'component' in one),
  };
}

/** The table in Markdown. */
export function tableOf(lines: readonly FaultLine[]): string {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const sorted = lines.toSorted((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind));
  return [
    row(COLUMNS),
    row(COLUMNS.map((_, index) => (index < NUMBERS_FROM ? '---' : '---:'))),
    ...sorted.map(({ kind, fault, seen, times, seconds, sent, stored, rejected, refused, lost, duplicates }) =>
      row([
        kind,
        fault,
        short(seen),
        times,
        seconds,
        sent,
        stored,
        counts(rejected),
        counts(refused),
        lost,
        duplicates,
      ]),
    ),
  ].join('\n');
}

/** A cell holds one line of text, and no end of a cell: what a component says may repeat any byte that it was sent. */
const short = (text: string) =>
  text
    .slice(0, 100)
    .replaceAll('|', '\\|')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

const counts = (of: Readonly<Record<string, number>>) =>
  Object.entries(of)
    .map(([what, count]) => `${count} × ${what}`)
    .join(', ') || '0';
