// What the flag adds to the round trip of an MCP tool call over stdio.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixture, REGISTER, runNode } from './process.ts';
import type { Goal, Section } from './report.ts';
import { ratios, showSpread, spread } from './statistics.ts';

const PAIRS = 9;

/** Who is given the flag. */
const AUDITED = [
  { name: 'the server', client: [], server: `--import=${REGISTER}` },
  { name: 'both sides', client: ['--import', REGISTER], server: `--import=${REGISTER}` },
] as const;

/** How long the tool works. */
const TOOLS = [
  { name: 'a tool that answers at once', milliseconds: 0, calls: 3_000 },
  { name: 'a tool that works for 5 ms', milliseconds: 5, calls: 300 },
] as const;

type Tool = (typeof TOOLS)[number];

/** @returns how long a call takes, in microseconds. */
async function roundTrip(
  { calls, milliseconds }: Tool,
  client: readonly string[],
  server: string,
  directory: string,
): Promise<number> {
  const args = [...client, fixture('mcp-client.mjs'), String(calls), String(milliseconds)];
  const ran = await runNode(args, { SERVER_OPTIONS: server, BOTAUDIT_DIR: directory, BOTAUDIT_METRICS: 'off' });
  return Number(ran.stdout);
}

export async function mcpRoundTrip(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-bench-'));
  const rows: string[][] = [];
  const goals: Goal[] = [];
  try {
    for (const tool of TOOLS) {
      for (const { name, client, server } of AUDITED) {
        const under: number[] = [];
        const without: number[] = [];
        for (let run = -1; run < PAIRS; run++) {
          const audited = () => roundTrip(tool, client, server, join(folder, `journal-${rows.length}-${run}`));
          const plain = () => roundTrip(tool, [], '', folder);
          // Who goes first alternates, so that a drift of the machine favours neither.
          const first = run % 2 === 0 ? await audited() : await plain();
          const second = run % 2 === 0 ? await plain() : await audited();
          if (run < 0) continue;
          under.push(run % 2 === 0 ? first : second);
          without.push(run % 2 === 0 ? second : first);
        }
        const ratio = ratios(under, without);
        const added = spread(under.map((value, index) => value - (without[index] ?? Number.NaN)));
        rows.push([tool.name, name, ...[without, under].map((values) => showSpread(spread(values), 0))]);
        rows.at(-1)?.push(showSpread(added, 0), showSpread(ratio));
        if (name !== 'the server') continue;
        goals.push({
          promise: `a call of ${tool.name} takes ≤ 1.05 × as long when its server is audited`,
          measured: `${showSpread(ratio)} ×`,
          met: ratio.median <= 1.05,
        });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    title: "An MCP tool call's round trip",
    method:
      `A client calls a tool of a server over stdio, one call after the other, ${PAIRS} alternating pairs, each in new ` +
      'processes after a warm-up. Each audited side leaves two records of a call: the attempt before, the outcome after. ' +
      'A tool that answers at once is the worst case: what auditing costs stands against two writes to a pipe alone.',
    columns: ['', 'audited', 'without the flag, µs', 'with the flag, µs', 'added, µs', 'ratio'],
    rows,
    goals,
  };
}
