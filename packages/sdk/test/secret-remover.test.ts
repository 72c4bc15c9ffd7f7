import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secretRemover, secretsOfHeaders } from '../src/protection/secrets.js';
import { chars, joined, SECRETS } from './secret-arbitraries.js';

const clean = secretRemover();

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
    ['https://hooks.slack.com/commands/T0000/123/abcdefghijklmnopqrstuvwx', 'slack_webhook'],
    ['https://files.slack.com/upload/v1/abcdefghijklmnopqrstuvwx', 'slack_upload_url'],
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
