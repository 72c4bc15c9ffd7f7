import { type Detector, look, maskAll } from './detector.js';
import { EMAIL } from './email.js';
import { IBAN } from './iban.js';
import { IP } from './ip.js';
import { PAYMENT_CARD } from './payment-card.js';
import { PHONE } from './phone.js';

/** What can be looked for, the order in which it is: a number that is several things is the first of them. */
const DETECTORS: readonly Detector[] = [EMAIL, IBAN, PAYMENT_CARD, IP, PHONE];

/**
 * Makes a function that masks what is found of `kinds` in a text: `[masked:email]`. It takes time linear in the length of
 * the text, whatever stands in it.
 */
export function masker(kinds: readonly string[]): (text: string) => string {
  const wanted = DETECTORS.filter(({ kind }) => kinds.includes(kind));
  return (text) => {
    const looks = look(text);
    let result = text;
    for (const detector of wanted) if (detector.mayHold(looks)) result = maskAll(result, detector);
    return result;
  };
}
