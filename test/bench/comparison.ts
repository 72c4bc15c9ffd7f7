// Measures BotAudit beside what people would use instead and writes docs/comparison.md. usage: npm run bench:comparison
// [-- NAME…]; with names only those parts are measured, and the others stay on the page.
import { calls } from './comparison/calls.ts';
import { recordsLost } from './comparison/losses.ts';
import { promises } from './comparison/promises.ts';
import { measure } from './page.ts';

await measure({
  command: 'npm run bench:comparison',
  file: 'comparison.md',
  title: 'Side by side',
  parts: { calls, recordsLost, promises },
});
