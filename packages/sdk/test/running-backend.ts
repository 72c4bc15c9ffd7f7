import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEvent } from '@botaudit/api';
import { afterEach, beforeEach, expect } from 'vitest';
import { type Backend, startBackend } from '../src/index.js';
import { onlyStreamIn } from './journal-of.js';

/** Folder of the test's journal. */
export let directory: string;
/** What backends said to people. */
export let said: string[];
/** Backends that are shut down after the test. */
export const started: Backend[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'botaudit-backend-'));
  said = [];
});
afterEach(async () => {
  for (const backend of started.splice(0)) await backend.shutdown();
  rmSync(directory, { recursive: true, force: true });
});

/** A backend over the folder. */
export function start(env: Record<string, string> = {}): Backend {
  const backend = startBackend({
    env: { BOTAUDIT_DIR: directory, BOTAUDIT_METRICS: 'off', OTEL_SERVICE_NAME: 'moderator', ...env },
    cwd: directory,
    say: (message) => said.push(message),
  });
  started.push(backend);
  return backend;
}

/** A message that was sent, but for `parts`. */
export const event = (parts: Partial<AuditEvent> = {}): AuditEvent => ({
  name: 'bot.message.send',
  action: 'SEND',
  outcome: 'success',
  actor: { id: 'telegram:42', type: 'user' },
  ...parts,
});

/** The one record that `parts` lead to. */
export async function recordOf(parts: Partial<AuditEvent>) {
  const backend = start();
  const id = backend.write(event(parts));
  await backend.shutdown();
  const record = onlyStreamIn(directory).at(-2);
  if (!record) throw new Error('nothing was recorded');
  expect(record.attributes['audit.record.id']).toBe(id);
  return record;
}

/** Waits until `what` gives something. */
export async function until<T>(what: () => T | undefined | false, ms = 10_000): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const found = what();
    if (found) return found;
    if (performance.now() > deadline) throw new Error('it did not come to pass in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Paths of the segments in the folder. */
export function segmentsIn(): string[] {
  const streams = join(directory, 'streams');
  return readdirSync(streams, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\d\.ndjson$/.test(name))
    .map((name) => join(streams, name));
}
