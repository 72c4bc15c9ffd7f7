import { appendFile } from 'node:fs/promises';
import { expect, inject } from 'vitest';
import { figure } from '../../support/figure.ts';
import type { Balance } from './balance.ts';
import type { Component, FaultLine } from './lines.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** File that lines of the table are appended to, one JSON object each. */
    readonly faultLines: string;
  }
}

/** Says what the lines are about. */
export async function addComponent(component: string, version: string): Promise<void> {
  await appendFile(inject('faultLines'), `${JSON.stringify({ component, version } satisfies Component)}\n`);
}

/** Adds a line to the table, then demands that nothing was lost, and that nothing stands there twice. */
export async function addLine(
  line: Pick<FaultLine, 'kind' | 'fault' | 'times' | 'seen' | 'seconds'>,
  { sent, stored, rejected, lost, duplicates }: Balance,
  refused: Readonly<Record<string, number>> = {},
): Promise<void> {
  const counted = { sent, stored, rejected: Object.fromEntries(rejected), refused, lost: lost.length, duplicates };
  await appendFile(inject('faultLines'), `${JSON.stringify({ ...line, ...counted } satisfies FaultLine)}\n`);
  figure(
    `${line.fault}, ${line.times} times: ${sent} sent, ${stored} stored, ${lost.length} lost, ${duplicates} twice`,
  );
  expect(lost, `lost by: ${line.fault}`).toEqual([]);
  expect(duplicates, `twice after: ${line.fault}`).toBe(0);
  expect(sent, `sent during: ${line.fault}`).toBeGreaterThan(0);
}
