/** Where records are shipped to, and how: the options of `OTEL_EXPORTER_OTLP_AUDIT_*`. */
export interface EndpointConfig {
  /** `http:` or `https:` address with its path; `/v1/audit` where none was given. */
  readonly url: string;
  /** Sent with every request. Their values are secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** File with the certificates (PEM) that the collector's is checked against. Default: those that Node trusts. */
  readonly certificate?: string | undefined;
  /** File with the private key (PEM) of this client. */
  readonly clientKey?: string | undefined;
  /** File with the certificate (PEM) of this client. */
  readonly clientCertificate?: string | undefined;
  readonly compression: 'gzip' | 'none';
  /** How long one request may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly protocol: 'http/json' | 'http/protobuf';
}

/** What the OpenTelemetry draft asks of a collector when the endpoint names no path. */
const DEFAULT_PATH = '/v1/audit';

/** `address` with the default path where it has none. It must be a valid URL. */
export function endpointUrl(address: string): string {
  const url = new URL(address);
  if (url.pathname === '/' || url.pathname === '') url.pathname = DEFAULT_PATH;
  return url.href;
}
