/** Where audit records are shipped to, and how. Never the general OTLP endpoint: audit data goes only where it was told to. */
export interface EndpointConfig {
  /** Full address, e.g. `https://collector.example:4318/v1/audit`. */
  readonly url: string;
  /** Sent with each request; may hold credentials, so they are never logged. */
  readonly headers: Readonly<Record<string, string>>;
  /** Path of a PEM file with the certificates that the receiver's is checked against, in place of the system's. */
  readonly certificate?: string | undefined;
  /** Path of a PEM file with the client's private key (mTLS). */
  readonly clientKey?: string | undefined;
  /** Path of a PEM file with the client's certificate chain (mTLS). */
  readonly clientCertificate?: string | undefined;
  readonly compression: 'gzip' | 'none';
  /** How long a whole request, with its answer, may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly protocol: 'http/json' | 'http/protobuf';
}
