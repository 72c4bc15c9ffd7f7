import { toPlain } from '@botaudit/record';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Protection } from '../src/protection/protection.js';
import { isSecretName } from '../src/protection/rules.js';
import { secretRemover, secretsOfHeaders } from '../src/protection/secrets.js';

const clean = secretRemover();

const chars = (alphabet: string, min: number, max = min) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: min, maxLength: max });
const DIGITS = '0123456789';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const ALNUM = `${DIGITS}${UPPER}abcdefghijklmnopqrstuvwxyz`;
const WORD = `${ALNUM}_-`;
const joined = (...parts: (string | fc.Arbitrary<string>)[]) =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part))).map((all) => all.join(''));
const base64 = (text: fc.Arbitrary<string>) => text.map((plain) => Buffer.from(plain).toString('base64url'));

/** Kind → what it looks like. The secret itself is what must not be left. */
const SECRETS: Record<string, fc.Arbitrary<string>> = {
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

/** What may stand around a token that is found by its own look. */
const around = fc.constantFrom('', ' ', '\n', '"', "'", '/', ', ', '(', ')', '<', '>', ';', '{"a":"', '"}', '→', '💥');

describe('secrets that are known by how they look', () => {
  it.each(Object.entries(SECRETS))('%s is removed wherever it stands, and its kind is kept', (kind, secrets) => {
    fc.assert(
      fc.property(secrets, around, around, fc.string(), fc.string(), (secret, left, right, before, after) => {
        const result = clean(`${before} ${left}${secret}${right} ${after}`);
        expect(result).not.toContain(secret);
        expect(result).toContain(`[removed:${kind}]`);
      }),
      { numRuns: 200 },
    );
  });

  it('is removed between words of any alphabet, and they stay', () => {
    fc.assert(
      fc.property(SECRETS.telegram_bot_token as fc.Arbitrary<string>, (token) => {
        expect(clean(`Пишет бот ${token} в чат`)).toBe('Пишет бот [removed:telegram_bot_token] в чат');
      }),
    );
  });

  it.each([
    ['https://api.telegram.org/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0/sendMessage', 'telegram_bot_token'],
    ['GET /bot123456789%3AAAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0/getMe failed', 'telegram_bot_token'],
    ['https://api.telegram.org/file/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0/a.jpg', 'telegram_bot_token'],
    ['https://hooks.slack.com/services/T0000/B0000/abcdefghijklmnopqrstuvwx', 'slack_webhook'],
    [`https://discord.com/api/v10/webhooks/123456789012345678/${'aB3-_'.repeat(14)}`, 'discord_webhook_token'],
    [`/interactions/123456789012345678/aW50ZXJhY3Rpb246${'MTIz'.repeat(20)}/callback`, 'discord_interaction_token'],
    [`/webhooks/123456789012345678/aW50ZXJhY3Rpb246${'MTIz'.repeat(20)}`, 'discord_interaction_token'],
    ['-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7', 'private_key'],
    ['eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..abcdefghijklmnop.abcdefgh.abcdefgh', 'jwt'],
  ])('in %s', (text, kind) => {
    const result = clean(text);
    expect(result).toContain(`[removed:${kind}]`);
    expect(result).not.toMatch(/AAHdqTcv|abcdefgh|aB3-_|MTIz|MIIEv/);
  });
});

describe('secrets that are known by what stands before them', () => {
  const SECRET = 'hUnter-2xyz';
  it.each([
    [`Authorization: Bearer ${SECRET}`, 'bearer_token'],
    [`authorization: ${SECRET}`, 'authorization'],
    [`authorization:${SECRET}`, 'authorization'],
    [`{"Authorization":"Token ${SECRET}"}`, 'authorization'],
    [`{\\"authorization\\":\\"${SECRET}\\"}`, 'authorization'],
    [`Proxy-Authorization: Digest username="a", response="${SECRET}"`, 'authorization'],
    [`Authorization: Basic ${Buffer.from(`me:${SECRET}`).toString('base64')}`, 'basic_credentials'],
    [`curl -H "authorization: Bearer ${SECRET}" x`, 'bearer_token'],
    [`Cookie: theme=dark; sid=${SECRET}`, 'cookie'],
    [`set-cookie: sid=${SECRET}; Path=/`, 'cookie'],
    [`{"cookie":"sid=${SECRET}"}`, 'cookie'],
    [`postgres://bot:${SECRET}@db.internal:5432/audit`, 'url_credentials'],
    [`redis://:${SECRET}@cache`, 'url_credentials'],
    [`https://${SECRET}-0123456789@github.com/a/b`, 'url_credentials'],
    ...[
      'token',
      'access_token',
      'api_key',
      'apikey',
      'api-key',
      'code',
      'signature',
      'sig',
      'X-Amz-Signature',
      'X-Amz-Security-Token',
      'client_secret',
      'password',
      'key',
    ].flatMap((name): [string, string][] => [
      [`https://x.example/cb?${name}=${SECRET}`, 'url_parameter'],
      [`https://x.example/cb?a=1&${name}=${SECRET}&b=2`, 'url_parameter'],
      [`/cb#${name}=${SECRET}`, 'url_parameter'],
    ]),
    [`password=${SECRET}`, 'named_secret'],
    [`login failed: user=a password = "${SECRET} with more" host=b`, 'named_secret'],
    [`DB_PASSWORD=${SECRET} node bot.js`, 'named_secret'],
    [`{"password":"${SECRET}","user":"a"}`, 'named_secret'],
    [`{"password": "a\\"${SECRET}"}`, 'named_secret'],
    [`{\\"client_secret\\": \\"${SECRET}\\"}`, 'named_secret'],
    [`{'apiKey': '${SECRET}'}`, 'named_secret'],
    ['aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'named_secret'],
    ['"SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"', 'named_secret'],
  ])('%s', (text, kind) => {
    const result = clean(text);
    expect(result).toContain(`[removed:${kind}]`);
    expect(result).not.toContain(SECRET);
    expect(result).not.toContain('wJalr');
    expect(clean(result)).toBe(result);
  });

  it('leaves what stands around', () => {
    expect(clean(`GET https://x.example/a?page=2&token=${SECRET}&sort=up HTTP/1.1`)).toBe(
      'GET https://x.example/a?page=2&token=[removed:url_parameter]&sort=up HTTP/1.1',
    );
    expect(clean(`postgres://bot:${SECRET}@db.internal:5432/audit?x=1`)).toBe(
      'postgres://[removed:url_credentials]@db.internal:5432/audit?x=1',
    );
  });
});

describe('what only looks like a secret stays', () => {
  it.each([
    'telegram:42',
    'telegram:-1001234567890/17',
    'slack:T1/U2',
    '5e0b8b1c-6a52-4a7a-a1a2-3d5a5a5a5a5a',
    '1f3c9a2e4b5d6f708192a3b4c5d6e7f80123456789abcdef0123456789abcdef',
    '1795478400:da39a3ee5e6b4b0d3255bfef95601890afd80709',
    '2026-11-24T03:40:00.000Z',
    'Bad Request: message to delete not found',
    'Bearer authentication is required',
    'Basic functionality: instructions',
    'the task-management-system-2024-overview',
    'sk-estonian-translation-team-2024',
    'your password must have 8 letters',
    'Invalid token: expected a name',
    'if (token == null) return',
    'token => token.kind',
    'code=400 key=value status=failed',
    'https://x.example/search?q=token&page=2&lang=de',
    'git@github.com:a/b.git and ssh://git@github.com/a/b',
    'mail me@example.org, see https://example.org/@me',
    'a cookie is a cookie: small',
    'file-name-with-long-prefix.config.something-very-long-name-here',
    'https://discord.com/channels/123456789012345678/123456789012345679',
    'eyJ is how a token begins',
    'AKIA is a prefix; AIza too; xoxb- as well; ghp_ also',
    'max_tokens=1024 token_type=x',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    'eyJhbGciOiJIUzI1NiJ9.config.json',
  ])('%s', (text) => expect(clean(text)).toBe(text));

  it('ids and verbs', () => {
    const id = fc.tuple(
      fc.constantFrom('telegram', 'slack', 'discord', 'service'),
      fc.bigInt({ min: -(2n ** 52n), max: 2n ** 52n }),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uuid(),
          id.map(([name, n]) => `${name}:${n}`),
          chars('abcdef0123456789', 64),
        ),
        (text) => {
          expect(clean(text)).toBe(text);
        },
      ),
    );
  });
});

it('finds nothing new in its own result', () => {
  const before = fc.constantFrom(
    '',
    '?token=',
    'password=',
    '"password":"',
    'Bearer ',
    'Authorization: ',
    'Cookie: a=',
    '://a:',
  );
  const pieces = fc.oneof(
    fc.string(),
    ...Object.values(SECRETS).map((secret) => joined(before, secret)),
    fc.constantFrom(
      '?token=',
      'password=',
      '"',
      '\\"',
      ' Bearer ',
      ' Basic ',
      'Authorization: ',
      'Cookie: a=',
      '://a:',
      '@',
      '&',
      '=',
      ':',
      '\n',
    ),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const once = clean(parts.join(' '));
      expect(clean(once)).toBe(once);
    }),
    { numRuns: 2_000 },
  );
});

describe('time', () => {
  const UNITS = [
    'a', '1', '1:', '12345:', '-', '.', 'eyJ', 'eyJ-', 'eyJaaaaaaaaaa.', 'sk-', 'sk-a1', 'xoxb-', 'xoxb-.', 'ghp_', 'AKIA', 'AIza',
    '-----BEGIN PRIVATE KEY-----', '-----BEGIN ', 'Bearer ', 'bearer\t', 'Basic ', 'authorization:', 'authorization: a ', 'cookie:',
    'cookie:a', '://', '://a', '://a@', '@', '?', '?token', '?token=', '&a.b-', 'password', 'password=', 'password="', 'token\\"',
    '"token":"\\', '=', '/webhooks/123456789012345678/', 'hooks.slack.com/services/', 'aW50ZXJhY3Rpb24', ' ', '[removed:', 'a-b_c.d:e=f@',
  ]; // biome-ignore format: one list of units
  const seconds = (text: string) => {
    const start = performance.now();
    clean(text);
    return (performance.now() - start) / 1000;
  };

  it.each(UNITS)('is linear for repeated %j', (unit) => {
    // 1 MB in well under a second: quadratic time would be hours.
    expect(seconds(unit.repeat(Math.ceil(1e6 / unit.length)))).toBeLessThan(2);
  });

  it('is linear for any repeated mixture', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...UNITS), { minLength: 1, maxLength: 4 }), (units) => {
        const unit = units.join('');
        expect(seconds(unit.repeat(Math.ceil(2e5 / unit.length)))).toBeLessThan(1);
      }),
      { numRuns: 60 },
    );
  });
});

describe('secrets that the process was given', () => {
  const remove = secretRemover(
    secretsOfHeaders({ authorization: 'Bearer plain.words_here', 'x-tenant': 'acme', 'x-key': '$&$1' }),
  );

  it('are removed by their very text, whole or in part', () => {
    expect(remove('sent Bearer plain.words_here')).toBe('sent [removed:endpoint_header]');
    expect(remove('sent plain.words_here!')).toBe('sent [removed:endpoint_header]!');
  });

  it('are left alone when they are too short to be told from what is none', () => {
    expect(remove('acme is a tenant')).toBe('acme is a tenant');
  });
});

describe('names of members', () => {
  it.each([
    'password',
    'Password',
    'secret',
    'client_secret',
    'token',
    'botToken',
    'bot_token',
    'api_key',
    'apiKey',
    'X-Api-Key',
    'authorization',
    'cookie',
    'Set-Cookie',
    'privateKey',
    'db.password',
    'secretAccessKey',
  ])('%s is one of a secret', (name) => expect(isSecretName(name)).toBe(true));

  it.each([
    'bot.id',
    'tokens',
    'max_tokens',
    'gen_ai.usage.input_tokens',
    'token_count',
    'key',
    'bot.chat.id',
    'nottoken',
    'passwords_checked',
    'public_key',
    'constructor',
    '__proto__',
  ])('%s is not', (name) => expect(isSecretName(name)).toBe(false));
});

describe('a value of any shape', () => {
  const planted = fc.oneof(...Object.values(SECRETS));
  /** Something, with `secret` somewhere in it. */
  const holding = (secret: string): fc.Arbitrary<unknown> =>
    fc.letrec((tie) => ({
      holder: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom<unknown>(secret, new Error(`failed for ${secret}`), new Set([secret]), [`a ${secret} b`]),
        fc.tuple(fc.anything(), tie('holder')),
        fc.record({ x: tie('holder'), y: fc.anything() }),
        tie('holder').map((inner) => new Map([['k', inner]])),
        tie('holder').map((inner) => ({ [`key ${secret}`]: 1, inner })),
        tie('holder').map((inner) => ({ toJSON: () => inner })),
      ),
    })).holder;

  it('is without the secret that was planted in it, and as it was for whoever holds it', () => {
    const protection = new Protection();
    fc.assert(
      fc.property(
        planted.chain((secret) => fc.tuple(fc.constant(secret), holding(secret))),
        ([secret, value]) => {
          const text = JSON.stringify(protection.value(value)) ?? '';
          expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('without secrets comes through as toPlain makes it', () => {
    const protection = new Protection();
    const plainText = fc.string({ unit: fc.constantFrom(...'abc äж💥'), maxLength: 12 });
    const value = fc.object({
      key: plainText.filter((key) => key !== ''),
      values: [plainText, fc.integer(), fc.boolean(), fc.double()],
    });
    fc.assert(
      fc.property(value, (each) => {
        expect(protection.value(each)).toEqual(toPlain(each));
      }),
    );
  });
});
