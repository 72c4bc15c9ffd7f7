import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Section } from './report.ts';

/** A page of figures, and what measures them. */
export interface Page {
  /** The script that writes it. */
  readonly command: string;
  /** Its file in `docs/`. */
  readonly file: string;
  readonly title: string;
  readonly parts: Readonly<Record<string, () => Promise<Section>>>;
}

/**
 * Measures the parts of a page and writes it; where the command line names some, only those are measured, and the others
 * stay on the page as they are. The exit code tells whether a goal was missed.
 */
export async function measure({ command, file, title, parts }: Page): Promise<void> {
  const chosen = process.argv.slice(2);
  const unknown = chosen.filter((name) => !(name in parts));
  if (unknown.length > 0) {
    console.error(`No such part: ${unknown.join(', ')}. There are: ${Object.keys(parts).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const path = fileURLToPath(new URL(`../../docs/${file}`, import.meta.url));
  const known = sectionsOf(await readFile(path, 'utf8').catch(() => ''));
  const sections: Section[] = [];
  const shown: string[] = [];
  for (const [name, part] of Object.entries(parts)) {
    if (chosen.length > 0 && !chosen.includes(name)) {
      shown.push(known.get(name) ?? '');
      continue;
    }
    process.stderr.write(`measuring ${name} (load ${loadavg()[0]?.toFixed(1)}) …\n`);
    const section = await part();
    sections.push(section);
    shown.push(`${marker(name)}\n\n${show(section)}`);
  }
  const page = [
    `<!-- Written by \`${command}\`. Measure again rather than edit. -->\n`,
    `# ${title}\n`,
    `What stands in one section was measured side by side in one run, on ${cpus().length} × ${cpus()[0]?.model.trim()}, ` +
      `${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.versions.node}, ${process.platform}. What counts are the ` +
      "ratios; the absolute figures are this machine's. Each figure is a median, with the least and the greatest of its " +
      'runs in brackets.\n',
    ...shown.filter((text) => text !== ''),
  ].join('\n');
  await writeFile(path, page);
  for (const section of sections) console.log(show(section));
  const missed = sections.flatMap(({ goals }) => goals).filter(({ met }) => !met);
  for (const { promise, measured } of missed) console.error(`missed: ${promise}: ${measured}`);
  process.exitCode = missed.length > 0 ? 1 : 0;
}

/** What a section begins with, so that another run can leave it as it is. */
const marker = (name: string, day = new Date().toISOString().slice(0, 10)) => `<!-- ${name}, measured on ${day} -->`;

/** The sections of a page that was written before, by the parts that they are of. */
function sectionsOf(page: string): Map<string, string> {
  const texts = page.split(/^(?=<!-- \w+, measured on )/m).slice(1);
  return new Map(texts.map((text) => [/\w+/.exec(text)?.[0] ?? '', `${text.trimEnd()}\n`]));
}

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
