import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCursor } from '@botaudit/journal';
import { type CanaryRecord, EXPORT_ERRORS, type ExportError, type Metrics } from '@botaudit/sdk';
import { type Finding, failed, ok } from './check.js';
import { eventually } from './eventually.js';

const LOOK_MS = 25;

const MENDING: Readonly<Record<ExportError, string>> = {
  network: 'is the collector running, and can it be reached from here?',
  timeout: 'the collector took the request and did not answer: look at its log, and at what it passes records on to',
  tls: "endpoint.certificate names the authority of the collector's certificate, endpoint.client_certificate shows ours",
  not_sent: 'check headers and certificate files of the endpoint',
  throttled: 'the collector has too much to do: look at its queue',
  unavailable: 'the collector can pass on nothing: look at its log, and at what comes after it',
  unauthorized: 'check the token: endpoint.headers, or OTEL_EXPORTER_OTLP_AUDIT_HEADERS=authorization=Bearer%20…',
  wrong_endpoint: 'check the path of the endpoint: a collector takes records at /v1/audit or /v1/logs',
  redirected: 'name the address that it redirects to',
  not_otlp: 'something else answers there: check host, port and proxies',
  refused: 'the collector does not want the record: its answer says why',
  partial_success: 'the collector does not want the record: its answer says why',
  rejected_file: 'make room in the folder of the journal',
};

/** What another try does not mend. */
const LASTING: ReadonlySet<ExportError> = new Set([
  'tls',
  'not_sent',
  'unauthorized',
  'wrong_endpoint',
  'redirected',
  'not_otlp',
  'refused',
  'partial_success',
]);

/** Watches a shipper at work on one canary after the other. */
export class Shipping {
  readonly #metrics: Metrics;
  /** What keeps records from being shipped, in the shipper's words; it says that once, and when it is over. */
  #trouble: string | undefined;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** To be called with each line that the shipper has for people. */
  readonly hear = (message: string): void => {
    this.#trouble = message.endsWith('takes records again') ? undefined : message;
  };

  /** Waits until the endpoint has acknowledged a canary, or shows that it won't. */
  async acknowledged(
    { number, id, streamDirectory }: CanaryRecord,
    limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<Finding> {
    const before = this.#errors();
    const grown = () => {
      const now = this.#errors();
      return [...now.keys()].filter((reason) => (now.get(reason) ?? 0) > (before.get(reason) ?? 0));
    };
    const answer = await eventually(limits, LOOK_MS, () => {
      if ((loadCursor(streamDirectory)?.number ?? 0) >= number) return 'acknowledged';
      return grown().some((reason) => LASTING.has(reason)) ? 'refused' : undefined;
    });
    if (answer === 'acknowledged') {
      if (!isRejected(streamDirectory, id)) return ok('acknowledged');
      return failed('the endpoint refused the record and took others', 'rejected.ndjson of the stream says why');
    }
    const reason = grown().at(-1);
    const waited = answer === undefined ? `no acknowledgement within ${limits.timeoutMs / 1000} s` : '';
    const why = this.#trouble ?? (reason && EXPORT_ERRORS[reason]) ?? '';
    return failed([waited, why].filter(Boolean).join('; '), MENDING[reason ?? 'timeout']);
  }

  #errors(): Map<ExportError, number> {
    const { values } = this.#metrics.one('audit_export_errors_total');
    return new Map(values.map(({ labels, value }) => [labels.reason as ExportError, value]));
  }
}

function isRejected(streamDirectory: string, id: string): boolean {
  try {
    return readFileSync(join(streamDirectory, 'rejected.ndjson'), 'utf8').includes(id);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
