import { type AuditBackend, AuditUnavailableError, activeBackend, registerBackend } from '@botaudit/api';
import { type AuditedModule, type LoadedFile, patchLoadedFiles } from '@botaudit/instrumentation';
import { GRAMMY_MODULES } from '@botaudit/instrumentation-grammy/modules';
import { ConfigError, startBackend } from '@botaudit/sdk';
import { say } from './say.js';

/** `EX_CONFIG` of sysexits: something is wrong with the configuration. */
const EXIT_CONFIG = 78;

const MODULES: ReadonlyMap<string, AuditedModule> = new Map(GRAMMY_MODULES.map((audited) => [audited.module, audited]));

/**
 * Has the backend of this thread start when it is first asked for, unless the application has registered one of its
 * own.
 */
function registerSdk(): void {
  registerBackend(start);
}

/**
 * Starts auditing now, so that what is wrong with the configuration shows before the application begins. Never throws.
 */
export function startAuditing(): void {
  registerSdk();
  try {
    activeBackend();
  } catch {
    // Said by `start`; the application runs on, unaudited.
  }
}

/**
 * Patches what a framework has loaded by now.
 *
 * @param folder where its `package.json` is.
 * @param cache `require.cache`.
 */
export function patchFramework(
  name: string,
  folder: string,
  cache: Readonly<Record<string, LoadedFile | undefined>>,
): void {
  const audited = MODULES.get(name);
  if (audited) patchLoadedFiles(audited, folder, cache);
}

/** Counts that nothing was found to audit. */
export function countIdle(message: string): void {
  startAuditing();
  const error = new Error(message);
  // It is no fault of the code that noticed it.
  error.stack = message;
  activeBackend()?.reportError('no_framework', error);
}

/**
 * Starts the SDK. A wrong configuration ends the process: whoever starts the application is there to read why.
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
    say(`auditing could not be started, NOTHING IS AUDITED: ${error instanceof Error ? error.message : String(error)}`);
    throw new AuditUnavailableError('Auditing could not be started', { cause: error });
  }
}
