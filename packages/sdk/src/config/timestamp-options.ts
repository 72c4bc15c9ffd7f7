import { httpUrl, integer, option, optionalOption, path, text } from '@botaudit/config';

/** The options of `signing` that `botaudit timestamp` reads. A bot asks no authority for anything. */
export const TIMESTAMP_OPTIONS = {
  timestamp_url: optionalOption(httpUrl, {
    env: 'BOTAUDIT_TIMESTAMP_URL',
    otherwise: 'botaudit timestamp has to be told',
    description:
      'Address of the authority (RFC 3161 over HTTP) that botaudit timestamp has checkpoints timestamped by.',
  }),
  timestamp_ca: optionalOption(path, {
    env: 'BOTAUDIT_TIMESTAMP_CA',
    otherwise: 'botaudit timestamp has to be told',
    description: 'File with the certificates (PEM) that its timestamps have to lead to.',
  }),
  timestamp_policy: optionalOption(text, {
    env: 'BOTAUDIT_TIMESTAMP_POLICY',
    otherwise: "the authority's own",
    description: 'Object identifier of the policy that timestamps are asked for under, such as 1.2.3.4.1.',
  }),
  timestamp_timeout_ms: option(integer(1, 3_600_000), 10_000, {
    env: 'BOTAUDIT_TIMESTAMP_TIMEOUT_MS',
    description: 'How long the authority may take to answer, in milliseconds.',
  }),
};
