import fc from 'fast-check';
import { chars, joined } from './secret-arbitraries.js';

// Everything is put together when it is asked for: nothing here reads like anybody's data.
const DIGITS = '0123456789';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const HEX = '0123456789abcdef';
const word = chars(LOWER, 2, 10);
const octet = fc.integer({ min: 1, max: 254 }).map(String);

/** Digits with the last one that makes the number right (Luhn). */
function withLuhnDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return digits + String((10 - (sum % 10)) % 10);
}

const inFours = (text: string, separator: string) => text.match(/.{1,4}/g)?.join(separator) ?? text;

/** Country, and what its account numbers are made of. */
const ACCOUNTS: readonly (readonly [string, number, string])[] = [
  ['DE', 18, DIGITS],
  ['GB', 18, `${DIGITS}ABCDEFGHIJ`],
  ['FR', 23, DIGITS],
  ['NL', 14, `${DIGITS}ABN`],
  ['NO', 11, DIGITS],
  ['MT', 27, `${DIGITS}ABCDEF`],
];

function iban(country: string, account: string): string {
  const number = BigInt([...`${account}${country}00`].map((each) => Number.parseInt(each, 36)).join(''));
  return country + String(98n - (number % 97n)).padStart(2, '0') + account;
}

export const IBANS = fc
  .constantFrom(...ACCOUNTS)
  .chain(([country, length, alphabet]) => chars(alphabet, length).map((account) => iban(country, account)));

export const CARDS = fc
  .constantFrom(['4', 16], ['51', 16], ['2221', 16], ['37', 15], ['6011', 16], ['3528', 16], ['36', 14], ['62', 16])
  .chain(([first, length]) =>
    chars(DIGITS, Number(length) - String(first).length - 1).map((rest) => withLuhnDigit(`${first}${rest}`)),
  );

const groups = (code: string, ...lengths: readonly number[]) =>
  fc
    .tuple(fc.constantFrom('2', '3', '5', '7'), chars(DIGITS, lengths.reduce((a, b) => a + b) - 1))
    .map(([first, rest]) => {
      const parts = [code];
      let digits = first + rest;
      for (const length of lengths) {
        parts.push(digits.slice(0, length));
        digits = digits.slice(length);
      }
      return parts;
    });

const ipv6 = fc
  .tuple(fc.constantFrom('2001', '2a02', 'fd12'), fc.array(chars(HEX, 4), { minLength: 7, maxLength: 7 }))
  .map(([first, rest]) => [first, ...rest].join(':'));

/** Kind → what it looks like. */
export const PERSONAL: Record<string, fc.Arbitrary<string>> = {
  email: fc.oneof(
    joined(word, '.', word, '@', word, '.', fc.constantFrom('com', 'de', 'co.uk', 'example')),
    joined(word, '+', word, '@', word, '.', word, '.org'),
    joined(word, '%40', word, '.net'),
    joined(chars(DIGITS, 6, 9), '@', 'qq.com'),
    joined('пётр', chars(DIGITS, 2), '@', 'почта.рф'),
  ),
  phone: fc.oneof(
    groups('49', 3, 4, 4).map((parts) => `+${parts.join('')}`),
    groups('44', 2, 4, 4).map((parts) => `+${parts.join(' ')}`),
    groups('33', 1, 2, 2, 2, 2).map((parts) => `+${parts.join('.')}`),
    groups('380', 2, 3, 2, 2).map((parts) => `+${parts.join('-')}`),
    groups('00 39', 3, 3, 4).map((parts) => parts.join(' ').replace('00 ', '00')),
    groups('1', 3, 4).map(([code, area, rest]) => `+${code} (${area}) 5${rest?.slice(1, 3)}-${rest}`),
    groups('', 3, 4).map(([, area, rest]) => `(${area}) 555-${rest}`),
    groups('', 3, 4).map(([, area, rest]) => `${area}-555-${rest}`),
  ),
  iban: fc.oneof(
    IBANS,
    IBANS.map((text) => inFours(text, ' ')),
    IBANS.map((text) => text.toLowerCase()),
  ),
  payment_card: fc.oneof(
    CARDS,
    CARDS.map((text) => (text.length === 16 ? inFours(text, ' ') : text)),
    CARDS.map((text) => (text.length === 16 ? inFours(text, '-') : text)),
    CARDS.filter((text) => text.length === 15).map((text) => text.replace(/(.{4})(.{6})/, '$1 $2 ')),
  ),
  ip: fc.oneof(
    joined(fc.constantFrom('10', '192', '203', '8'), '.', octet, '.', octet, '.', octet),
    ipv6,
    joined('2001:db8::', chars('123456789abcdef', 1, 4)),
    joined('fe80::', chars('123456789', 1, 4)),
    joined('::ffff:203.', octet, '.', octet, '.', octet),
  ),
};

/** Changes the last digit, so that a check digit is wrong. */
const wrong = (text: string) => text.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10));
const integer = (min: number, max: number) => fc.integer({ min, max }).map(String);
const two = integer(10, 59);

/** What only looks like personal data or a secret: ids, numbers, times, versions, names. */
export const LOOK_ALIKES: Record<string, fc.Arbitrary<string>> = {
  uuid: fc.uuid(),
  sha256: chars(HEX, 64),
  git_commit: chars(HEX, 40),
  telegram_user: integer(10_000_000, 7_999_999_999),
  telegram_chat: joined('-100', chars('123456789', 10)),
  prefixed_id: joined(fc.constantFrom('telegram:', 'discord:', 'service:'), chars('123456789', 6, 18)),
  snowflake: joined('1', chars(DIGITS, 18)),
  snowflake_of_18: joined(fc.constantFrom('2', '4', '6', '8'), chars(DIGITS, 17)),
  slack_time: joined('17', chars(DIGITS, 8), '.', chars(DIGITS, 6)),
  milliseconds: joined('17', chars(DIGITS, 11)),
  nanoseconds: joined('17', chars(DIGITS, 17)),
  ean: joined('4', chars(DIGITS, 12)),
  iso_time: joined('2026-11-', two, 'T', two, ':', two, ':', two, '.', chars(DIGITS, 3), '+02:00'),
  date_and_time: joined('2026-11-24 ', two, ':', two, ':', two),
  clock: joined(two, ':', two, ':', two),
  mac: fc.array(chars(HEX, 2), { minLength: 6, maxLength: 6 }).map((parts) => parts.join(':')),
  version: joined(integer(0, 30), '.', integer(0, 99), '.', integer(0, 99)),
  version_of_four: joined(
    fc.constantFrom('v', 'version ', 'Chrome/', 'Build: '),
    integer(1, 120),
    '.0.',
    integer(0, 255),
    '.',
    octet,
  ),
  object_identifier: joined('1.3.6.1.4.1.', integer(1, 250), '.', integer(1, 9)),
  package_version: joined(word, '@', integer(0, 20), '.', integer(0, 99), '.', integer(0, 99)),
  scoped_package: joined('@', word, '/', word, '@', integer(0, 20), '.0.0-beta.', integer(1, 9)),
  git_url: joined('git@', word, '.com:', word, '/', word, '.git'),
  ssh_url: joined('ssh://', word, '@', word, '.example.com/', word),
  retina_image: joined(word, '@2x.png'),
  mention: joined('@', word, '_', word),
  host_user: joined(word, '@', word),
  wrong_iban: IBANS.map(wrong),
  wrong_card: CARDS.map(wrong),
  long_number: joined('9', chars(DIGITS, 15)),
  price: joined('+', integer(1, 999), ' ', chars(DIGITS, 3), ' EUR'),
  score: joined('+', integer(1, 9_999_999)),
  offset: joined('UTC+', integer(1, 12), ':30'),
  coordinates: joined('+', integer(10, 80), '.', chars(DIGITS, 7), ' -', integer(10, 80), '.', chars(DIGITS, 7)),
  order: joined('ORD-', chars(DIGITS, 4), '-', chars(DIGITS, 6)),
  isbn: joined('978-3-', chars(DIGITS, 2), '-', chars(DIGITS, 6), '-', chars(DIGITS, 1)),
  cpp_name: joined('std::', word),
  slice: joined('list[', integer(1, 9), '::', integer(1, 9), ']'),
  loopback: fc.constantFrom('127.0.0.1', '0.0.0.0', '::1', '::'),
  prose: fc.constantFrom(
    'Bearer authentication is required',
    'the task-management-system-2024-overview',
    'Invalid token: expected a name',
    'your password must have 8 letters',
    'eyJ is how a token begins',
    'see RFC 7519 and ISO 13616',
  ),
  path: joined('/var/log/', word, '/', word, '.', integer(1, 9), '.log'),
};
