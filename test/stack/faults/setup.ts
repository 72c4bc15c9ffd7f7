// Run by vitest before and after all tests against real components: prints the table of faults that they have made, and
// writes the page where one is asked for.
//
//   BOTAUDIT_FAULT_LINES  file to which the lines are added, so that several runs make one table; default: one of this run
//   BOTAUDIT_FAULT_PAGE   page to write at the end
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Results, readResults, tableOf } from './lines.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { BOTAUDIT_FAULT_LINES: given, BOTAUDIT_FAULT_PAGE: page } = process.env;
  const folder = await mkdtemp(join(tmpdir(), 'botaudit-test-'));
  const path = given ?? join(folder, 'lines.ndjson');
  await writeFile(path, '', { flag: 'a' });
  project.provide('faultLines', path);
  return async () => {
    const results = await readResults(path);
    await rm(folder, { recursive: true });
    if (results.lines.length === 0) return;
    console.log(`\nFaults, and what became of the records:\n\n${tableOf(results.lines)}\n`);
    if (page) await writeFile(page, pageOf(results));
  };
}

function pageOf({ lines, components }: Results): string {
  const versions = components.map(({ component, version }) => `${component} ${version}`).sort();
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const lost = lines.reduce((sum, line) => sum + line.lost, 0);
  return `<!-- Written by \`npm run test:stack:long\`. Run it again rather than edit. -->

# Faults, and what became of the records

Each fault was made for real, on real components, while records flowed. On ${new Date().toISOString().slice(0, 10)}, on ${machine},
${process.platform}; Node.js ${process.versions.node}, ${versions.join(', ')}.

What a line counts:

- **sent**: records whose \`write\` had returned in a bot, as its journal holds them, those that the bot made before or after
  the outage included; for bad input, the records in the requests, and 60 good ones beside them
- **stored**: those that Elasticsearch gives back, and that have the very hash that they had in the journal
- **rejected**: those that stand in \`logs-audit.rejected-…\` instead, whole, by the reason
- **refused**: those of a request that was answered with an error, so that they are still with their sender
- **lost**: all others
- **twice**: documents beside the first one for each \`audit.record.id\`

An outage begins while records flow and ends after the time that is given; what was held up arrives, then it is counted.
A kill is SIGKILL, while records flow; the time is how long the component was away, all kills together.

${tableOf(lines)}

Lost: ${lost} of ${lines.reduce((sum, line) => sum + line.sent, 0)}.
`;
}
