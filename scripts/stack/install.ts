// Brings what the stack needs onto this machine: `npm run stack:install [-- part…]`. Does nothing where it is there.
import { partCache } from './cache.ts';
import { type InstallContext, type Installed, type Part, StackError } from './part.ts';
import { selectParts } from './parts/index.ts';
import { duration, Progress } from './progress.ts';

const SOURCES = {
  environment: 'named by the environment',
  path: 'on the PATH',
  cache: 'cached',
  repository: 'of this repository',
} as const;

/** The part's program, installed when it is missing. */
async function ensure(part: Part, context: InstallContext): Promise<Installed> {
  const there = await part.locate(context);
  if (there) {
    context.progress.say(`${part.name}: ${SOURCES[there.source]}, ${there.path}`);
    return there;
  }
  context.progress.say(`${part.name}: installing ${part.title} into ${context.cache}
  This takes ${part.cost}. A second run after an interruption goes on where this one was.`);
  const started = performance.now();
  const installed = await part.install(context);
  context.progress.say(`${part.name}: installed in ${duration(performance.now() - started)}, ${installed.path}`);
  return installed;
}

const progress = new Progress();
try {
  for (const part of selectParts(process.argv.slice(2))) {
    await ensure(part, { env: process.env, cache: await partCache(process.env, part.name), progress });
  }
} catch (error) {
  if (!(error instanceof StackError)) throw error;
  progress.say(error.message);
  process.exitCode = 1;
}
