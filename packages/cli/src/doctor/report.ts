import type { Paint, Style } from '../text/columns.js';
import { harmless } from '../text/harmless.js';
import type { Check, CheckStatus } from './check.js';

const STYLES: Readonly<Record<CheckStatus, Style>> = { ok: 'green', warning: 'yellow', failed: 'red', skipped: 'dim' };

/** Wide enough for every name there is. */
const NAME = 'canary: search'.length;
const STATUS = 'skipped'.length;
const TIME = 9;

/** A check in one line, and what to do about it in another one where there is something to do. */
export function checkLines({ name, status, ms, detail, next }: Check, paint: Paint): string {
  const columns = [
    paint(STYLES[status], status.padEnd(STATUS)),
    name.padEnd(NAME),
    (status === 'skipped' ? '' : duration(ms)).padStart(TIME),
    harmless(detail),
  ];
  const indent = ' '.repeat(STATUS + NAME + TIME + 3);
  return columns.join(' ') + (next === undefined ? '' : `\n${indent}→ ${harmless(next)}`);
}

/** All of a canary in one line, for a log. */
export function roundLine(checks: readonly Check[], at: Date): string {
  const parts = checks
    .filter(({ status }) => status !== 'skipped')
    .map(({ name, status, ms, detail, next }) => {
      const leg = `${name.replace('canary: ', '')} ${duration(ms)}`;
      return status === 'ok' ? leg : `${leg}, ${status}: ${harmless(detail)} → ${harmless(next ?? '')}`;
    });
  return `${at.toISOString()} canary: ${worst(checks)}; ${parts.join('; ')}`;
}

/** The worst of what was found. */
export function worst(checks: readonly Check[]): 'ok' | 'warning' | 'failed' {
  const has = (status: CheckStatus) => checks.some((check) => check.status === status);
  return has('failed') ? 'failed' : has('warning') ? 'warning' : 'ok';
}

/** What it came to, in one line. */
export function verdict(checks: readonly Check[], paint: Paint): string {
  const named = (status: CheckStatus) =>
    checks
      .filter((check) => check.status === status)
      .map(({ name }) => name)
      .join(', ');
  const status = worst(checks);
  if (status === 'failed') return `${paint('red', 'broken')}: ${named('failed')}`;
  if (status === 'warning') return `${paint('yellow', 'works')}, but see: ${named('warning')}`;
  return `${paint('green', 'works')}: every check passed`;
}

/** A check for programs. */
export function checkJson({ name, status, ms, detail, next }: Check): object {
  return { name, status, ms: Math.round(ms * 1000) / 1000, detail, ...(next === undefined ? undefined : { next }) };
}

function duration(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
