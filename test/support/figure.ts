import { appendFileSync } from 'node:fs';

/**
 * Says what a test measured or counted, in one line: to whoever watches, and to the page of guarantees while that is made
 * (`npm run guarantees`, which names the file in BOTAUDIT_FIGURES).
 */
export function figure(text: string): void {
  console.log(text);
  const { BOTAUDIT_FIGURES: file } = process.env;
  if (file) appendFileSync(file, `${JSON.stringify(text)}\n`);
}
