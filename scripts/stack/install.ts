// Brings what the stack needs onto this machine: `npm run stack:install [-- part…]`. Does nothing where it is there.
import { constants } from 'node:os';
import { partCache } from './cache.ts';
import { type InstallContext, type Installed, type Part, StackError } from './part.ts';
import { selectParts } from './parts/index.ts';
import { duration, Progress } from './progress.ts';
import { installUsage, readArguments } from './usage.ts';

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

async function installParts(names: readonly string[]): Promise<void> {
  for (const part of selectParts(names)) {
    await ensure(part, { env: process.env, cache: await partCache(process.env, part.name), progress });
  }
  progress.say('Everything is there. Next: npm run stack');
}

const progress = new Progress();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    progress.say('\nInterrupted. The same command goes on where this one was.');
    // What it runs ends with it.
    process.exit(128 + constants.signals[signal]);
  });
}
try {
  const { names, help } = readArguments('stack:install', process.argv.slice(2));
  if (help) process.stdout.write(installUsage(process.env));
  else await installParts(names);
} catch (error) {
  if (!(error instanceof StackError)) throw error;
  progress.say(error.message);
  process.exitCode = 1;
}
