import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { masker } from '../src/protection/detectors/index.js';
import { DETECTED } from '../src/protection/field-action.js';
import { CARDS, IBANS, LOOK_ALIKES, PERSONAL } from './personal-data-arbitraries.js';

const mask = masker(DETECTED);

describe('what is found is masked, and what stands around it stays', () => {
  const card = fc.sample(CARDS, { numRuns: 1, seed: 1 })[0] as string;
  const account = fc.sample(IBANS, { numRuns: 1, seed: 1 })[0] as string;
  it.each([
    ['mail joe.doe+x@example.co.uk, ok', 'mail [masked:email], ok'],
    ["'o'brien@example.com'", "'[masked:email]'"],
    ['?to=joe%40example.com&x=1', '?to=[masked:email]&x=1'],
    ['mailto:joe@example.de?subject=1', 'mailto:[masked:email]?subject=1'],
    ['a@b.de,c@d.de', '[masked:email],[masked:email]'],
    ['tel:+49 170 1234567.', 'tel:[masked:phone].'],
    ['+44 (0)20 7946 0018', '[masked:phone]'],
    ['call (212) 555-0123 or 1-212-555-0123', 'call [masked:phone] or [masked:phone]'],
    ['from 192.168.1.10:443 to [2001:db8::1]:80', 'from [masked:ip]:443 to [[masked:ip]]:80'],
    ['http://10.1.2.3/x and 10.0.0.0/8', 'http://[masked:ip]/x and [masked:ip]/8'],
    [`to ${account} und`, 'to [masked:iban] und'],
    [`card ${card}, 12/29`, 'card [masked:payment_card], 12/29'],
  ])('%s', (text, expected) => expect(mask(text)).toBe(expected));

  it('of the kinds that are asked for alone', () => {
    expect(masker(['ip'])('joe@example.com at 10.1.2.3')).toBe('joe@example.com at [masked:ip]');
    expect(masker([])('joe@example.com')).toBe('joe@example.com');
  });
});

it('nothing that was masked is left, whatever stands around it', () => {
  const around = fc.constantFrom('', ' ', '\n', '"', ', ', '(', ')', '<', '>', ';', '→', '💥', '…');
  for (const [kind, values] of Object.entries(PERSONAL)) {
    fc.assert(
      fc.property(values, around, around, (value, left, right) => {
        const result = mask(`${left}${value}${right}`);
        expect(result).not.toContain(value);
        expect(result).toBe(`${left}[masked:${kind}]${right}`);
      }),
      { numRuns: 200 },
    );
  }
});

it('what was masked is not masked again', () => {
  const pieces = fc.oneof(fc.string(), ...Object.values(PERSONAL), ...Object.values(LOOK_ALIKES));
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const once = mask(parts.join(' '));
      expect(mask(once)).toBe(once);
    }),
    { numRuns: 2_000 },
  );
});

describe('the number of characters that are looked at', () => {
  /** How often a character of `text`, or of a part of it, is looked at. */
  function steps(text: string): number {
    let count = 0;
    const { charCodeAt } = String.prototype;
    // For the time of one call.
    String.prototype.charCodeAt = function (this: string, index: number) {
      count++;
      return charCodeAt.call(this, index);
    };
    try {
      mask(text);
    } finally {
      String.prototype.charCodeAt = charCodeAt;
    }
    return count;
  }

  // biome-ignore format: sixty short units, of which a line each would hide what they have in common
  const UNITS = [
    'a', '1', '1 ', '1-', '1.', '1:', ':', '::', 'a:', '.', '-', '@', 'a@', 'a@b.', 'a@b.c', '%40', 'a%40', "'@", '+', '+1', '+1 ', '+49',
    '00', '00 ', '(', '(2', '(212) ', '212-', '4', '4111 ', '4111-', '62', 'DE', 'DE89', 'DE89 ', 'de12 34', '1.2.3.', '1.2.3.4', '255.',
    'f:', '2001:', '2001:db8::', '::ffff:1.2.', 'v1.', '/', 'a/1.', '://a@', 'git@', ' ', '\u00a0', '💥', 'é', '[masked:',
  ];

  it.each(UNITS)('grows with the length of the text alone, for repeated %j', (unit) => {
    const of = (length: number) => steps(unit.repeat(Math.ceil(length / unit.length)));
    const once = of(4_000);
    expect(once).toBeLessThan(4_000 * 200);
    expect(of(8_000) / once).toBeLessThan(2.2);
  });

  it('grows with the length of the text alone, for any repeated mixture', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...UNITS), { minLength: 1, maxLength: 5 }), (units) => {
        const unit = units.join('');
        const count = Math.ceil(2_000 / unit.length);
        expect(steps(unit.repeat(2 * count)) / steps(unit.repeat(count))).toBeLessThan(2.3);
      }),
      { numRuns: 150 },
    );
  });
});
