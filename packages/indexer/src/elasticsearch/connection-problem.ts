/** What connections break on when the configuration is wrong, and where to mend it. The first that fits counts. */
const PROBLEMS: readonly (readonly [message: RegExp, advice: string])[] = [
  [
    /wrong version number|packet length too long/,
    'it does not answer with TLS: should its address start with http://?',
  ],
  [
    /socket hang up|other side closed|ECONNRESET/,
    'it closed the connection; if it always does, its address may have to start with https://',
  ],
  [
    /self-signed certificate|unable to (?:verify the first|get (?:local )?issuer) certificate/,
    'its certificate was made by nobody who is trusted here: set elasticsearch.certificate to the authority that made it',
  ],
  [/does not match certificate's altnames/, 'its certificate is for other names than that of elasticsearch.url'],
  [/certificate has expired/, 'its certificate has expired'],
  [
    /certificate required|alert (?:bad|unknown) certificate/,
    'it wants a certificate of us, which the indexer has none of',
  ],
];

/** OpenSSL's own marks: thread, number, library, and the place in its sources. */
const NOISE = /^[0-9A-F]+:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):.*$/s;

/** Says why Elasticsearch could not be reached, in one line, and what may be wrong where that is known. */
export function connectionProblem(message: string): string {
  const said = message.replace(NOISE, '$1').trim();
  const [, advice] = PROBLEMS.find(([pattern]) => pattern.test(message)) ?? [];
  return advice === undefined ? said : `${advice} (${said})`;
}
