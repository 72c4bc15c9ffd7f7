// Preloaded into a child: leaves the most memory that it ever had (KiB, resident) in a file.
import { writeFileSync } from 'node:fs';

process.once('exit', () => writeFileSync(process.env.MAX_MEMORY_FILE, String(process.resourceUsage().maxRSS)));
