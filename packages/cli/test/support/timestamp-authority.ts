import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What becomes of an answer of `openssl ts -reply` on its way. */
type Twist = (answer: Buffer, request: Buffer) => Buffer | { readonly status: number };

/** How the certificate of an authority is made. */
interface CertificateOptions {
  /** Times as OpenSSL takes them, `YYYYMMDDHHMMSSZ`; default: from yesterday for a year. */
  readonly from?: string;
  readonly to?: string;
  /** Extended key usage; default: that of timestamps, alone and critical. */
  readonly usage?: string | undefined;
  /** Kind of the key; default `rsa`. */
  readonly key?: 'rsa' | 'ec';
}

/** How what is in a token is signed anew. */
interface SignatureOptions extends Pick<CertificateOptions, 'usage'> {
  /** Whether what is signed names the certificate (RFC 5816). Default `true`. */
  readonly names?: boolean;
  /** What it says to be; default: a timestamp. */
  readonly contentType?: string;
  /** Default `sha256`. */
  readonly digest?: string;
}

const TIMESTAMP = '1.2.840.113549.1.9.16.1.4';

export const POLICY = '1.3.6.1.4.1.99999.1';
const OTHER_POLICY = '1.3.6.1.4.1.99999.2';

/** A root certificate, and an authority for timestamps below it: `openssl ts` behind a server on the loopback. */
export class TimestampAuthority {
  readonly folder = mkdtempSync(join(tmpdir(), 'botaudit-tsa-'));
  /** The root's certificate. */
  readonly ca = join(this.folder, 'ca.pem');
  /** What becomes of answers; default: nothing. */
  twist: Twist = (answer) => answer;
  /** How often it was asked. */
  requests = 0;
  readonly #server: Server;

  private constructor(options: CertificateOptions) {
    this.#makeRoot();
    this.certify(options);
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: Error) => response.writeHead(500).end(error.message));
    });
  }

  static async start(options: CertificateOptions = {}): Promise<TimestampAuthority> {
    const authority = new TimestampAuthority(options);
    await new Promise<void>((resolve) => authority.#server.listen(0, '127.0.0.1', resolve));
    return authority;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/tsr`;
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Gives the authority a certificate of this kind. */
  certify(options: CertificateOptions = {}): void {
    this.#certificate('tsa', 'Test TSA', options);
  }

  /** What is in a token, signed by another certificate of the same root: as a forger does, or whoever makes mistakes. */
  signAnew(
    token: Buffer,
    { usage, names = true, contentType = TIMESTAMP, digest = 'sha256' }: SignatureOptions = {},
  ): Buffer {
    writeFileSync(join(this.folder, 'token'), token);
    this.#openssl('cms', '-verify', '-noverify', '-binary', '-inform', 'DER', '-in', 'token', '-out', 'content');
    this.#certificate('signer', 'Signer', { usage });
    const form = [
      '-binary',
      '-nodetach',
      '-outform',
      'DER',
      '-econtent_type',
      contentType,
      ...(names ? ['-cades'] : []),
    ];
    const signer = ['-signer', 'signer.pem', '-inkey', 'signer.key', '-md', digest];
    this.#openssl('cms', '-sign', '-in', 'content', '-out', 'signed', ...form, ...signer);
    return readFileSync(join(this.folder, 'signed'));
  }

  /** What `openssl ts -reply` answers. */
  reply(request: Buffer): Buffer {
    writeFileSync(join(this.folder, 'request.tsq'), request);
    this.#openssl('ts', '-reply', '-config', 'openssl.cnf', '-queryfile', 'request.tsq', '-out', 'answer.tsr');
    return readFileSync(join(this.folder, 'answer.tsr'));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const answer = this.twist(this.reply(body), body);
    if (!Buffer.isBuffer(answer)) response.writeHead(answer.status).end();
    else response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(answer);
  }

  #certificate(
    name: string,
    commonName: string,
    { from = stamp(-1), to = stamp(365), usage = 'critical,timeStamping', key = 'rsa' }: CertificateOptions,
  ): void {
    writeFileSync(
      join(this.folder, `${name}.ext`),
      `basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=${usage}\n`,
    );
    const kind = key === 'rsa' ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    const files = ['-keyout', `${name}.key`, '-out', `${name}.csr`];
    this.#openssl('req', '-newkey', ...kind, '-nodes', ...files, '-subj', `/CN=${commonName}`);
    writeFileSync(join(this.folder, 'index.txt'), '');
    const made = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`, '-notext'];
    this.#openssl('ca', '-batch', '-config', 'openssl.cnf', ...made, '-startdate', from, '-enddate', to);
  }

  #makeRoot(): void {
    writeFileSync(join(this.folder, 'openssl.cnf'), CONFIGURATION);
    writeFileSync(join(this.folder, 'ca.srl'), '1000\n');
    writeFileSync(join(this.folder, 'tsa.srl'), '01\n');
    this.#openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-subj',
      '/CN=Test Root',
      '-days',
      '3650',
      '-config',
      'openssl.cnf',
      '-extensions',
      'root',
    );
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

/** So many days from now, as OpenSSL takes it. */
export function stamp(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, '');
}

const CONFIGURATION = `
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[ca]
default_ca = root_ca
[root_ca]
dir = .
new_certs_dir = .
database = index.txt
serial = ca.srl
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[tsa]
default_tsa = test_tsa
[test_tsa]
dir = .
serial = tsa.srl
crypto_device = builtin
signer_cert = tsa.pem
certs = ca.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = ${POLICY}
other_policies = ${OTHER_POLICY}
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`;
