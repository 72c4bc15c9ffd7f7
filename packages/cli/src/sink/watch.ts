import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Metrics, metricsText } from '@botaudit/sdk';
import { Failure } from '../failure.js';
import type { CheckFinding } from '../journal/check.js';
import { Output } from '../output.js';
import { say } from '../stderr.js';
import { findingLine } from '../text/finding-line.js';
import { harmlessJson } from '../text/harmless.js';
import { verdict } from '../text/verdict.js';
import type { SinkReport } from './judge.js';
import { sinkNotes } from './notes.js';

/** Options of {@link watchSink}. */
export interface WatchSinkOptions {
  /** Verifies the sink. Rejects with a {@link Failure} when it can't be read. */
  readonly check: (signal: AbortSignal) => Promise<SinkReport>;
  /** What is verified, as the metrics name it. */
  readonly source: 'elasticsearch' | 'otlp-file';
  /** From the beginning of one verification to that of the next, in milliseconds. */
  readonly intervalMs: number;
  /** Where metrics are served. Default: nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  readonly json: boolean | undefined;
  /** Whether a public key was given. */
  readonly isSigned: boolean;
  readonly signal: AbortSignal;
}

const NAMES = [
  'audit_chain_breaks_total',
  'audit_sink_missing_records',
  'audit_sink_last_verified_timestamp_seconds',
  'audit_sink_verification_interval_seconds',
  'audit_sink_verification_failures_total',
] as const;

/** Findings that are known, so that each is told and counted once. */
const MAX_KNOWN = 100_000;

/** Verifies a sink again and again until it is told to stop, and serves metrics of that. */
export async function watchSink(options: WatchSinkOptions): Promise<void> {
  await new SinkWatch(options).run();
}

class SinkWatch {
  readonly #options: WatchSinkOptions;
  readonly #metrics = new Metrics();
  readonly #output = new Output();
  #known = new Set<string>();

  constructor(options: WatchSinkOptions) {
    this.#options = options;
    const { source, intervalMs } = options;
    this.#metrics.add('audit_chain_breaks_total', { source }, 0);
    this.#metrics.add('audit_sink_verification_failures_total', { source }, 0);
    this.#metrics.set('audit_sink_missing_records', { source }, 0);
    this.#metrics.set('audit_sink_last_verified_timestamp_seconds', { source }, 0);
    this.#metrics.set('audit_sink_verification_interval_seconds', { source }, intervalMs / 1000);
  }

  async run(): Promise<void> {
    const { intervalMs, metrics, signal } = this.#options;
    const server = metrics && (await this.#serve(metrics));
    try {
      while (!signal.aborted) {
        const started = performance.now();
        await this.#round();
        await sleep(Math.max(0, started + intervalMs - performance.now()), undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      server?.close();
      server?.closeAllConnections();
    }
  }

  async #round(): Promise<void> {
    const { check, source, signal } = this.#options;
    let report: SinkReport;
    try {
      report = await check(signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof Failure)) throw error;
      this.#metrics.add('audit_sink_verification_failures_total', { source });
      say(error.message);
      return;
    }
    const news = this.#news(report.findings);
    this.#metrics.add('audit_chain_breaks_total', { source }, news.filter(isBreak).length);
    this.#metrics.set('audit_sink_missing_records', { source }, report.sink.missing);
    const isWhole = !report.findings.some(({ kind }) => kind === 'unchecked');
    if (isWhole) this.#metrics.set('audit_sink_last_verified_timestamp_seconds', { source }, Date.now() / 1000);
    this.#print(report, news);
  }

  /** Findings that the round before did not have. */
  #news(findings: readonly CheckFinding[]): CheckFinding[] {
    const before = this.#known;
    this.#known = new Set();
    return findings.filter((finding) => {
      const key = JSON.stringify([finding.stream, finding.kind, finding.message]);
      if (this.#known.size < MAX_KNOWN) this.#known.add(key);
      return !before.has(key);
    });
  }

  #print(report: SinkReport, news: readonly CheckFinding[]): void {
    const { json, isSigned } = this.#options;
    const at = new Date().toISOString();
    if (json) {
      const line = JSON.stringify({ at, ...report, findings: news });
      this.#output.line(this.#output.isTerminal ? harmlessJson(line) : line);
    } else {
      for (const finding of news) this.#output.line(findingLine(finding, this.#output.paint));
      const { paint } = this.#output;
      this.#output.line([`${at} ${verdict(report, isSigned, paint)}`, ...sinkNotes(report)].join('; '));
    }
    // A reader who went away does not end a service that is watched by its metrics.
    this.#output.flush().catch(() => {});
  }

  async #serve({ host, port }: { readonly host: string; readonly port: number }): Promise<Server> {
    const server = createServer((request, response) => {
      if (request.url?.split('?', 1)[0] !== '/metrics') {
        response.writeHead(404).end('metrics are at /metrics\n');
        return;
      }
      void metricsText([NAMES.map((name) => this.#metrics.one(name))]).then(({ text, contentType }) => {
        response.writeHead(200, { 'content-type': contentType }).end(text);
      });
    });
    server.listen({ host, port });
    await once(server, 'listening');
    const { address, family, port: own } = server.address() as AddressInfo;
    say(`metrics at http://${family === 'IPv6' ? `[${address}]` : address}:${own}/metrics`);
    return server;
  }
}

/** What the journal has and the sink has not yet has a metric of its own. */
function isBreak({ kind, severity }: CheckFinding): boolean {
  return severity === 'error' && kind !== 'missing' && kind !== 'unchecked';
}
