import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure } from '../failure.js';
import { whyUnreadable } from '../journal/locate.js';
import type { SinkReport } from '../sink/judge.js';
import { sinkNotes } from '../sink/notes.js';
import { printCheck } from './print-check.js';
import { stopSignal } from './stop-signal.js';
import type { VerifyOptions } from './verify.js';

/** Options of `botaudit verify` that are about a sink. */
export interface SinkOptions {
  /** A node of Elasticsearch. */
  readonly elasticsearch?: string | undefined;
  /** Files that a collector wrote. */
  readonly otlpFile?: readonly string[] | undefined;
  /** File with the certificate of the authority. */
  readonly ca?: string | undefined;
  /** Last part of the data streams' names. */
  readonly namespace?: string | undefined;
  /** Which services a principal speaks for: `principal=names` each. */
  readonly services?: readonly string[] | undefined;
  /** How long the sink keeps records, in milliseconds. */
  readonly retention?: number | undefined;
  /** How long what belongs before something may take to come after it, in milliseconds. */
  readonly grace?: number | undefined;
  readonly watch?: boolean | undefined;
  /** How often, in milliseconds. */
  readonly every?: number | undefined;
  /** `host:port` that serves the metrics. */
  readonly metrics?: { readonly host: string; readonly port: number } | undefined;
}

const GRACE_MS = 5 * 60_000;
const EVERY_MS = 60 * 60_000;

/** Requests that are under way at a time where nothing is said: one is answered while the one before is judged. */
const JOBS = 2;

/** What of a verification goes for a sink as well. */
export interface SinkSources {
  readonly publicKeys: readonly string[];
  readonly outside: ReadonlyMap<string, readonly string[]>;
}

/** Whether a sink is meant. @throws {Failure} when options don't go together. */
export function isOfSink(options: VerifyOptions): boolean {
  const { elasticsearch, otlpFile, watch, every, metrics, archive, quick, ca, namespace, services } = options;
  if (elasticsearch !== undefined && otlpFile) throw Failure.usage('--elasticsearch and --otlp-file: one at a time');
  if (!watch && (every !== undefined || metrics)) throw Failure.usage('--every and --metrics go with --watch');
  const isSink = elasticsearch !== undefined || otlpFile !== undefined;
  if (!isSink) {
    const { retention, grace } = options;
    const given = { watch, ca, namespace, services, retention, grace };
    const stray = Object.entries(given).find(([, value]) => value !== undefined)?.[0];
    if (stray !== undefined) throw Failure.usage(`--${stray} goes with --elasticsearch or --otlp-file`);
  } else if (archive !== undefined || quick) {
    throw Failure.usage(`--${quick ? 'quick' : 'archive'} is for a journal, not for a sink`);
  }
  if (otlpFile && (ca ?? namespace ?? services) !== undefined) {
    throw Failure.usage('--ca, --namespace and --services go with --elasticsearch');
  }
  return isSink;
}

/**
 * Verifies what a sink holds, once or again and again.
 *
 * @param what folder of a journal to compare with. Default: none.
 */
export async function verifySink(
  what: string | undefined,
  options: VerifyOptions,
  { publicKeys, outside }: SinkSources,
): Promise<void> {
  const { grace: graceMs = GRACE_MS, retention: retentionMs, json, watch: again } = options;
  const journal = journalAt(what ?? options.dir);
  const common = { publicKeys, outside, graceMs, retentionMs, journal };
  const check = async (signal?: AbortSignal): Promise<SinkReport> => {
    const { elasticsearch: url, otlpFile: files = [], ca, namespace = '*', services, jobs = JOBS } = options;
    if (url === undefined) {
      const { checkOtlpFiles } = await import('../sink/check-otlp-files.js');
      return await checkOtlpFiles({ ...common, files });
    }
    const { checkElasticsearch } = await import('../sink/check-elasticsearch.js');
    return await checkElasticsearch({ ...common, url, env: process.env, ca, namespace, services, jobs, signal });
  };
  const isSigned = publicKeys.length > 0;
  if (again) {
    const { watchSink } = await import('../sink/watch.js');
    const source = options.elasticsearch === undefined ? 'otlp-file' : 'elasticsearch';
    const { every: intervalMs = EVERY_MS, metrics } = options;
    await watchSink({ check, source, intervalMs, metrics, json, isSigned, signal: stopSignal().signal });
    return;
  }
  const report = await check();
  if (report.sink.documents === 0 && report.findings.length === 0) {
    throw new Failure('there is no record at the sink, so nothing was verified');
  }
  await printCheck(report, { json, isSigned, notes: sinkNotes(report) });
}

function journalAt(what: string | undefined): string | undefined {
  if (what === undefined) return undefined;
  const path = resolve(what);
  try {
    readdirSync(join(path, 'streams'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' || code === 'ENOTDIR' ? 'is no journal (it has no folder streams)' : whyUnreadable(code, path);
    throw new Failure(`${path} ${why}; a sink is compared with the folder of a journal`);
  }
  return path;
}
