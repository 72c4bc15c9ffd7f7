import { type AuditBackend, AuditUnavailableError, activeBackend, registerBackend } from '@botaudit/api';
import { type AuditedModule, patchBundle, patchEsModule, patchLoadedFiles } from '@botaudit/instrumentation';
import { ConfigError, startBackend } from '@botaudit/sdk';
import { say } from './say.js';

/** `EX_CONFIG` of sysexits: something is wrong with the configuration. */
const EXIT_CONFIG = 78;

/**
 * Starts auditing now, so that what is wrong with the configuration shows before the application begins. Leaves it be
 * where the application has registered a backend of its own. Never throws.
 */
export function startAuditing(): void {
  registerBackend(start);
  try {
    activeBackend();
  } catch {
    // Said by `start`; the application runs on, unaudited.
  }
}

/**
 * Patches what a framework has loaded by now, and the file that is asked for where that is an ES module or a bundle.
 *
 * @param modules what is patched in its modules.
 * @param name which of them asks for a file.
 * @param folder where its `package.json` is.
 * @param url of the file.
 * @param require of any CommonJS module.
 */
export function patchFramework(
  modules: readonly AuditedModule[],
  name: string,
  folder: string,
  url: string,
  require: NodeJS.Require,
): void {
  const audited = modules.find(({ module }) => module === name);
  if (!audited) return;
  patchLoadedFiles(audited, folder, require.cache);
  patchBundle(audited, folder, url, require);
  patchEsModule(audited, folder, url);
}

/**
 * Says and counts that nothing was found to audit. The application runs by now, so a wrong configuration does not end
 * it any more.
 */
export function reportIdle(message: string): void {
  const error = new Error(message);
  // It is no fault of the code that noticed it.
  error.stack = message;
  try {
    registerBackend(startBackend);
    activeBackend()?.reportError('no_framework', error);
  } catch (problem) {
    say(`${message}: ${reasonOf(problem)}`);
  }
}

/**
 * Starts the SDK, before the application begins. A wrong configuration ends the process: whoever starts the application
 * is there to read why.
 *
 * @throws {AuditUnavailableError} when it can't be started for any other reason; that was said then.
 */
export function start(): AuditBackend {
  try {
    return startBackend();
  } catch (error) {
    if (error instanceof ConfigError) {
      say(`${error.message}\nThe application was not started; BOTAUDIT_ON_ERROR=continue starts it all the same.`);
      process.exit(EXIT_CONFIG);
    }
    say(`auditing could not be started, NOTHING IS AUDITED: ${reasonOf(error)}`);
    throw new AuditUnavailableError('Auditing could not be started', { cause: error });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
