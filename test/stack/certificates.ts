import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** An authority, and a certificate of its making for the server and one for a client; PEM files in `folder`. */
export async function makeCertificates(folder: string): Promise<void> {
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  await openssl('req', '-x509', ...key, '-subj', '/CN=authority', '-keyout', 'ca-key.pem', '-out', 'ca.pem');
  for (const name of ['server', 'client']) {
    const files = ['-keyout', `${name}-key.pem`, '-out', `${name}.pem`];
    const signed = ['-x509', '-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-addext', 'subjectAltName=IP:127.0.0.1'];
    await openssl('req', ...signed, ...key, '-subj', `/CN=${name}`, ...files);
  }
}
