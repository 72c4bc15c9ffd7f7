import fc from 'fast-check';

/** Text of an alphabet. */
export const chars = (alphabet: string, min: number, max = min) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: min, maxLength: max });
const DIGITS = '0123456789';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const ALNUM = `${DIGITS}${UPPER}abcdefghijklmnopqrstuvwxyz`;
const WORD = `${ALNUM}_-`;
/** Parts, one after the other. */
export const joined = (...parts: (string | fc.Arbitrary<string>)[]) =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part))).map((all) => all.join(''));
const base64 = (text: fc.Arbitrary<string>) => text.map((plain) => Buffer.from(plain).toString('base64url'));

/** Kind → what it looks like. The secret itself is what must not be left. */
export const SECRETS: Record<string, fc.Arbitrary<string>> = {
  telegram_bot_token: joined(chars(DIGITS, 8, 10), ':', chars(WORD, 35)),
  slack_token: joined(fc.constantFrom('xoxb-', 'xoxp-', 'xoxe.xoxp-', 'xapp-1-'), chars(`${ALNUM}-`, 20, 60)),
  discord_bot_token: joined(base64(chars(DIGITS, 18)), '.', chars(WORD, 6), '.', chars(WORD, 27, 38)),
  discord_interaction_token: joined('aW50ZXJhY3Rpb246', chars(ALNUM, 60, 200)),
  anthropic_api_key: joined('sk-ant-api03-', chars(WORD, 40, 95)),
  openai_api_key: fc.oneof(joined('sk-', chars(ALNUM, 48)), joined('sk-proj-', chars(WORD, 40, 120))),
  github_token: fc.oneof(
    joined(fc.constantFrom('ghp_', 'gho_', 'ghs_'), chars(ALNUM, 36)),
    joined('github_pat_', chars(ALNUM, 22), '_', chars(ALNUM, 59)),
  ),
  aws_access_key_id: joined(fc.constantFrom('AKIA', 'ASIA'), chars(`${UPPER}234567`, 16)),
  google_api_key: joined('AIza', chars(WORD, 35)),
  stripe_api_key: joined(fc.constantFrom('sk_live_', 'rk_live_', 'sk_test_'), chars(ALNUM, 24, 99)),
  jwt: joined('eyJ', chars(WORD, 15, 60), '.eyJ', chars(WORD, 10, 200), '.', chars(WORD, 20, 90)),
  private_key: joined(
    '-----BEGIN ',
    fc.constantFrom('', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED '),
    'PRIVATE KEY-----\n',
    chars(`${ALNUM}+/=\n`, 50, 300),
    '\n-----END PRIVATE KEY-----',
  ),
};
