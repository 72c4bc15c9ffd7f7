import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Counter, Meter, ObservableResult } from '@opentelemetry/api';
import { createNoopMeter } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePorts } from '../../../scripts/stack/ports.ts';
import { type Backend, startBackend } from '../src/index.js';

let directory: string;
let backend: Backend | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'botaudit-measures-'));
});
afterEach(async () => {
  await backend?.shutdown();
  rmSync(directory, { recursive: true, force: true });
});

function start(port: number | 'off', meter?: Meter, more: Readonly<Record<string, string>> = {}): Backend {
  const address = port === 'off' ? port : `127.0.0.1:${port}`;
  const env = { BOTAUDIT_DIR: join(directory, 'journal'), BOTAUDIT_METRICS: address, ...more };
  backend = startBackend({ env, cwd: directory, say: () => {}, ...(meter && { meter }) });
  return backend;
}

const send = (to: Backend) =>
  to.write({ name: 'bot.message.send', action: 'SEND', outcome: 'success', actor: to.self });

async function until(get: () => Promise<string>, what: RegExp): Promise<string> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const text = await get().catch(() => '');
    if (what.test(text)) return text;
    if (performance.now() > deadline) throw new Error(`${what} did not appear in ${text.slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const scrape = (port: number) => async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

// In this order: to scrape is to load prom-client, and from then on this process has a registry.
it('that nothing is audited is measured, though no folder is made for it', async () => {
  const [port = 0] = await freePorts(1);
  start(port).reportError('no_framework', new Error('nothing to audit'));
  await until(scrape(port), /audit_instrumentation_errors_total\{source="no_framework"\} 1/);
  expect(existsSync(join(directory, 'journal'))).toBe(false);
});

it('metrics join the registry of the application, where it has one', async () => {
  const { register } = await import('prom-client');
  send(start('off'));
  const text = await until(() => register.metrics(), /audit_events_total\{/);
  expect(text).toMatch(/audit_events_total\{.*event="bot.message.send".*\} 1/);
});

it('metrics go through a meter, where one is given', () => {
  const made: string[] = [];
  const meter: Meter = {
    ...createNoopMeter(),
    createObservableCounter(name) {
      made.push(name);
      return createNoopMeter().createObservableCounter(name);
    },
    createObservableGauge: (name) => createNoopMeter().createObservableGauge(name),
    createHistogram: (name) => createNoopMeter().createHistogram(name),
    createCounter: (name): Counter => createNoopMeter().createCounter(name),
  };
  start('off', meter);
  expect(made).toContain('audit_events_total');
});

it('open streams and heartbeats are counted', async () => {
  const readers = new Map<string, (result: ObservableResult) => void>();
  const observable = (name: string) => ({
    ...createNoopMeter().createObservableGauge(name),
    addCallback: (read: (result: ObservableResult) => void) => void readers.set(name, read),
  });
  const meter: Meter = { ...createNoopMeter(), createHistogram: (name) => createNoopMeter().createHistogram(name) };
  Object.assign(meter, { createObservableCounter: observable, createObservableGauge: observable });
  const read = (name: string): number | undefined => {
    let found: number | undefined;
    readers.get(name)?.({
      observe: (value) => {
        found = value;
      },
    });
    return found;
  };
  const backend = start('off', meter, { BOTAUDIT_HEARTBEAT_INTERVAL_SECONDS: '1' });
  expect(read('audit_streams')).toBe(0);
  send(backend);
  expect(read('audit_streams')).toBe(1);
  await until(async () => String(read('audit_heartbeats_total')), /^[1-9]/);
  await backend.shutdown();
  expect(read('audit_streams')).toBe(0);
});
