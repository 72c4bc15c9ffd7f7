// Measures and writes docs/performance.md. usage: npm run bench [-- NAME…]; with names only those parts are measured, and the
// others stay on the page as they were.
import { botThroughput } from './bot-throughput.ts';
import { eventLoopDelay } from './event-loop-delay.ts';
import { mcpRoundTrip } from './mcp-round-trip.ts';
import { measure } from './page.ts';
import { protection } from './protection.ts';
import { shipping } from './shipping.ts';
import { startUp } from './start-up.ts';
import { sustainedAppends } from './sustained-appends.ts';
import { verification } from './verification.ts';
import { writeLatency } from './write-latency.ts';

await measure({
  command: 'npm run bench',
  file: 'performance.md',
  title: 'Performance',
  parts: {
    writeLatency,
    protection,
    sustainedAppends,
    botThroughput,
    mcpRoundTrip,
    eventLoopDelay,
    startUp,
    shipping,
    verification,
  },
});
