import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { botaudit, type Ended, Running } from './botaudit.js';
import { OtlpSink } from './otlp-sink.js';

/** One check as `botaudit doctor --json` prints it. */
export interface PrintedCheck {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly ms: number;
  readonly detail: string;
  readonly next?: string;
}

/** Working folder of the test. */
export let folder: string;
/** Its journal. */
export let journal: string;
/** Takes everything, unless the test says otherwise. */
export let sink: OtlpSink;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'botaudit-doctor-'));
  journal = join(folder, 'journal');
  sink = await OtlpSink.listen();
});
afterEach(() => {
  sink.close();
  rmSync(folder, { recursive: true, force: true });
});

/** How `botaudit doctor` is run here. */
export interface DoctorRun {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Default: the sink's address; `null` for none. */
  readonly endpoint?: string | null;
}

function command({ args = [], env, endpoint = sink.url }: DoctorRun): Parameters<typeof botaudit> {
  const to = endpoint === null ? [] : ['--endpoint', endpoint];
  return [['doctor', '--dir', journal, ...to, ...args], { cwd: folder, ...(env ? { env } : undefined) }];
}

/** Runs `botaudit doctor` to its end. */
export const doctor = (run: DoctorRun = {}): Promise<Ended> => botaudit(...command(run));

/** Starts `botaudit doctor`, which goes on. */
export const doctorService = (run: DoctorRun = {}): Running => new Running(...command(run));

/** What `botaudit doctor --json` found, by name, and how it ended. */
export async function found({ args = [], ...run }: DoctorRun = {}): Promise<{
  readonly code: number | null;
  readonly status: string;
  readonly checks: ReadonlyMap<string, PrintedCheck>;
}> {
  const { code, stdout, stderr } = await doctor({ ...run, args: ['--json', ...args] });
  if (stdout === '') throw new Error(`nothing was printed: ${stderr}`);
  const { status, checks } = JSON.parse(stdout) as { status: string; checks: PrintedCheck[] };
  return { code, status, checks: new Map(checks.map((check) => [check.name, check])) };
}
