import { realpathSync } from 'node:fs';

/** Where package managers and the tools they install live: nobody's bot starts with a file in there. */
const TOOLS = /[\\/](node_modules|share[\\/]nodejs|corepack|\.yarn[\\/]releases)[\\/]/;

/**
 * Whether a process is a tool that starts other programs (npm, npx, tsx, pm2, turbo, …): those inherit the flag through
 * `NODE_OPTIONS`, and have nothing to audit.
 *
 * @param mainScript `process.argv[1]`; absent in a REPL.
 */
export function isToolProcess(mainScript: string | undefined): boolean {
  if (mainScript === undefined) return true;
  try {
    return TOOLS.test(realpathSync(mainScript));
  } catch {
    // Gone, or never a file.
    return TOOLS.test(mainScript);
  }
}
