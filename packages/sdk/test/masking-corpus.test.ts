import fc from 'fast-check';
import { expect, it } from 'vitest';
import { masker } from '../src/protection/detectors/index.js';
import { DETECTED } from '../src/protection/field-action.js';
import { secretRemover } from '../src/protection/secrets.js';
import { LOOK_ALIKES, PERSONAL } from './personal-data-arbitraries.js';
import { SECRETS } from './secret-arbitraries.js';

const removeSecrets = secretRemover();
const mask = masker(DETECTED);
const cleaned = (text: string) => mask(removeSecrets(text));

const SENTENCES: readonly ((found: string) => string)[] = [
  (found) => found,
  (found) => `it is ${found}, please`,
  (found) => `(${found})`,
  (found) => `"${found}"`,
  (found) => `Пишет ${found} сегодня`,
  (found) => `first line\n${found}\nlast line`,
  (found) => `<${found}>`,
];

/** The same ones in each run, so that the numbers are. */
function planted(kinds: Record<string, fc.Arbitrary<string>>, each: number) {
  return Object.entries(kinds).flatMap(([kind, arbitrary], index) =>
    fc.sample(arbitrary, { numRuns: each, seed: 20_261_124 + index }).map((secret, number) => {
      const sentence = SENTENCES[number % SENTENCES.length] as (found: string) => string;
      return { kind, secret, text: sentence(secret) };
    }),
  );
}

it('all planted secrets and personal data are found, and what only looks like them stays', () => {
  const secrets = planted(SECRETS, 50);
  const personal = planted(PERSONAL, 100);
  const lookAlikes = planted(LOOK_ALIKES, 40);
  const missedSecrets = secrets.filter(({ kind, secret, text }) => {
    const result = cleaned(text);
    return result.includes(secret) || !result.includes(`[removed:${kind}]`);
  });
  const missed = personal.filter(({ kind, secret, text }) => {
    const result = cleaned(text);
    return result.includes(secret) || !result.includes(`[masked:${kind}]`);
  });
  const wrong = lookAlikes.filter(({ text }) => cleaned(text) !== text);
  const right = secrets.length - missedSecrets.length + personal.length - missed.length;
  const precision = right / (right + wrong.length);
  console.log(
    `masking corpus: ${secrets.length} secrets, recall ${share(secrets.length - missedSecrets.length, secrets.length)}; ` +
      `${personal.length} of personal data, recall ${share(personal.length - missed.length, personal.length)}; ` +
      `${lookAlikes.length} look-alikes, ${wrong.length} of them masked; precision ${(precision * 100).toFixed(2)} %`,
  );
  expect(secrets.length).toBeGreaterThanOrEqual(500);
  expect(lookAlikes.length).toBeGreaterThanOrEqual(500);
  expect(missedSecrets).toEqual([]);
  expect(missed).toEqual([]);
  expect(precision, JSON.stringify(wrong.slice(0, 10))).toBeGreaterThanOrEqual(0.99);
});

function share(part: number, whole: number): string {
  return `${((part / whole) * 100).toFixed(2)} %`;
}
