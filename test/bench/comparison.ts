// Measures BotAudit beside what people would use instead, and prints the figures.
import { calls } from './comparison/calls.ts';
import { recordsLost } from './comparison/losses.ts';
import { promises } from './comparison/promises.ts';

for (const part of [calls, recordsLost, promises]) console.log(JSON.stringify(await part(), undefined, 2));
