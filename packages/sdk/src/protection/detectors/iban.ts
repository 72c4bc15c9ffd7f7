import { codeAt, isAsciiLetter, isDigit, isSpace, isWord, nextDigit } from './characters.js';
import type { Detector, Span } from './detector.js';

/** Lengths by country: the registry of SWIFT (ISO 13616), and countries that use IBANs without being in it. */
const LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AO25 AT20 AZ28 BA20 BE16 BF28 BG22 BH22 BI27 BJ28 BR29 BY28 CF27 CG27 CH21 CI28 CM27 CR22 CV25 CY28 ' +
    'CZ24 DE22 DJ27 DK18 DO28 DZ26 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GA27 GB22 GE22 GI23 GL18 GQ27 GR27 GT28 GW25 HN28 ' +
    'HR21 HU28 IE22 IL23 IQ23 IR26 IS26 IT27 JO30 KM27 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MA28 MC27 MD24 ME22 ' +
    'MG27 MK19 ML28 MN20 MR27 MT31 MU30 MZ25 NE28 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 ' +
    'SD18 SE24 SI19 SK24 SM27 SN28 SO23 ST25 SV28 TD27 TG28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** IBANs of the length of their country, with the right check digits (ISO 7064, mod 97), in one piece or in groups. */
export const IBAN: Detector = {
  kind: 'iban',
  mayHold: ({ digits }) => digits >= 4,
  find(text, from) {
    // Its digits are easier to find than its letters.
    for (let digit = nextDigit(text, from + 2); digit !== -1; digit = nextDigit(text, digit + 1)) {
      const start = digit - 2;
      if (!isAsciiLetter(codeAt(text, start)) || !isAsciiLetter(codeAt(text, start + 1))) continue;
      const found = isDigit(codeAt(text, digit + 1)) && !isWord(codeAt(text, start - 1)) && ibanAt(text, start);
      if (found) return found;
    }
    return undefined;
  },
};

function ibanAt(text: string, start: number): Span | undefined {
  const length = LENGTHS.get(text.slice(start, start + 2).toUpperCase());
  if (length === undefined) return undefined;
  let characters = '';
  let index = start;
  while (characters.length < length) {
    const code = codeAt(text, index);
    if (isDigit(code) || isAsciiLetter(code)) {
      characters += text[index];
      index++;
    } else if ((isSpace(code) || code === 0x2d) && characters.length % 4 === 0 && !isGap(codeAt(text, index - 1))) {
      index++;
    } else {
      return undefined;
    }
  }
  if (isWord(codeAt(text, index)) || remainder(characters) !== 1) return undefined;
  return { start, end: index };
}

function isGap(code: number): boolean {
  return isSpace(code) || code === 0x2d;
}

/** Of the number that an IBAN stands for, with its first four characters at the end and letters as 10 to 35, by 97. */
function remainder(iban: string): number {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}
