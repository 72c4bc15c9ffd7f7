import module, { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import type * as audit from './audit.js';
import { noteAudit, whenIdle } from './idle.js';
import { FRAMEWORK_NAMES, type KnownFramework, knownModule } from './known-modules.js';
import { loadFramework } from './load-framework.js';
import { say } from './say.js';
import { isToolProcess } from './tool-process.js';

/** Loads at once, which `import()` can't. */
const load = createRequire(import.meta.url);

const IDLE_MS = 30_000;

const OFF = /^(1|true|yes|on)$/i;

/** What is loaded only when there is something to audit. */
type Audit = typeof audit;

/**
 * What the preload flag does: it watches which modules are loaded, and that is all until a supported framework is
 * among them. Tools that start other programs inherit the flag; they pay for this and leave no trace.
 *
 * @param idleAfterMs after this long without a supported framework a process is told that it audits nothing.
 */
export function preload(idleAfterMs = IDLE_MS): void {
  if (typeof module.registerHooks !== 'function') {
    sayInApplications(`Node.js ${process.version} is too old to be audited, 22.15 is needed; NOTHING IS AUDITED`);
    return;
  }
  if (OFF.test(process.env.BOTAUDIT_DISABLED ?? '')) {
    sayInApplications('auditing is switched off by BOTAUDIT_DISABLED, nothing is recorded');
    return;
  }
  const watch = new ModuleWatch();
  module.registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      watch.resolved(specifier, resolved.url, context.conditions);
      return resolved;
    },
  });
  whenIdle(idleAfterMs, () => sayIdle(watch, idleAfterMs));
}

/** Loads what audits when there is something to be audited, and has it patch frameworks while they are loaded. */
class ModuleWatch {
  #audit: Audit | undefined;
  #begun = false;
  #failed = false;
  #hasApi = false;

  /**
   * Called for every module that was found, before it is loaded. A framework's own files asking for each other is when
   * those which they got before are patched.
   */
  resolved(specifier: string, url: string, conditions: Iterable<string>): void {
    const known = this.#failed ? undefined : knownModule(specifier, url);
    if (!known) return;
    try {
      if (known.kind === 'api') this.#registerOnly();
      else this.#framework(known, url);
    } catch (error) {
      // While modules are linked, one that both sides use can be in a state in which it can't be required. By the time
      // that the framework runs and requires its own files it is whole.
      // Conditions are a set in some versions of Node, and a list in others.
      if (known.kind === 'framework' && ![...conditions].includes('require')) return;
      this.#failed = true;
      say(
        `auditing could not be loaded, NOTHING IS AUDITED: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  audit(): Audit {
    // It asks for the API too, and registers a backend itself.
    this.#hasApi = true;
    this.#audit ??= load('./audit.js') as Audit;
    return this.#audit;
  }

  #framework({ framework, name, folder }: KnownFramework, url: string): void {
    const audit = this.audit();
    if (!this.#begun) {
      this.#begun = true;
      noteAudit();
      audit.startAuditing();
    }
    audit.patchFramework(loadFramework(framework), name, folder, url, load);
  }

  /** An application that records events of its own, with or without a framework. */
  #registerOnly(): void {
    if (this.#hasApi) return;
    this.#hasApi = true;
    const { registerBackend } = load('@botaudit/api') as typeof import('@botaudit/api');
    registerBackend(() => {
      noteAudit();
      return this.audit().start();
    });
  }
}

function sayIdle(watch: ModuleWatch, afterMs: number): void {
  if (isToolProcess(process.argv[1])) return;
  const message = `no supported framework (${FRAMEWORK_NAMES}) was loaded within ${afterMs / 1000} s, NOTHING IS AUDITED`;
  watch.audit().reportIdle(message);
}

/** A moment later: some tools are the application by then, as pm2 is. */
function sayInApplications(message: string): void {
  if (!isMainThread) return;
  setImmediate(() => {
    if (!isToolProcess(process.argv[1])) say(message);
  });
}
