// Measures the pipeline on its real parts and writes docs/performance-pipeline.md. usage: npm run bench:pipeline [-- NAME…];
// with names only those parts are measured, and the others stay on the page.
import { measure } from '../page.ts';
import { alerting } from './alerting.ts';
import { indexing } from './indexing.ts';
import { memory } from './memory.ts';
import { searchable } from './searchable.ts';
import { sinkVerification } from './sink-verification.ts';

await measure({
  command: 'npm run bench:pipeline',
  file: 'performance-pipeline.md',
  title: 'Performance of the pipeline',
  parts: { indexing, memory, searchable, sinkVerification, alerting },
});
