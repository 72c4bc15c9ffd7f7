// Measures and writes docs/performance.md. usage: npm run bench [-- NAME…]; with names only those parts are measured, and
// printed rather than written.
import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { botThroughput } from './bot-throughput.ts';
import { eventLoopDelay } from './event-loop-delay.ts';
import type { Section } from './report.ts';
import { shipping } from './shipping.ts';
import { startUp } from './start-up.ts';
import { verification } from './verification.ts';
import { sustainedAppends } from './sustained-appends.ts';
import { writeLatency } from './write-latency.ts';

const parts: Record<string, () => Promise<Section>> = {
  writeLatency,
  sustainedAppends,
  botThroughput,
  eventLoopDelay,
  startUp,
  shipping,
};

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

function show({ title, method, columns, rows, goals }: Section): string {
  return [
    `## ${title}\n`,
    `${method}\n`,
    row(columns),
    row(columns.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...rows.map(row),
    '',
    ...goals.map(({ promise, measured, met }) => `- ${met ? '✓' : '✗'} ${promise}: ${measured}`),
    '',
  ].join('\n');
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`No such part: ${unknown.join(', ')}. There are: ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}

const sections: Section[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  process.stderr.write(`measuring ${name} …\n`);
  sections.push(await measure());
}

const page = [
  '<!-- Written by `npm run bench`. Measure again rather than edit. -->\n',
  '# Performance\n',
  `Measured side by side in one run on ${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ` +
    `Node.js ${process.versions.node}, ${process.platform}. What counts are the ratios; the absolute figures are this machine's. ` +
    'Each figure is a median, with the least and the greatest of its runs in brackets.\n',
  ...sections.map(show),
].join('\n');

if (chosen.length > 0) console.log(page);
else await writeFile(fileURLToPath(new URL('../../docs/performance.md', import.meta.url)), page);

const missed = sections.flatMap(({ goals }) => goals).filter(({ met }) => !met);
for (const { promise, measured } of missed) console.error(`missed: ${promise}: ${measured}`);
process.exitCode = missed.length > 0 ? 1 : 0;
