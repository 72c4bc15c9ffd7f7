import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation';
import { currentBackend, guard } from './guard.js';
import { isSupported, type SupportedVersions, supportedText } from './supported-versions.js';

/** A module to be hooked, and what to do with it. */
export interface AuditedModule {
  /** As it is imported, e.g. `grammy`. */
  readonly module: string;
  /** The framework's name in records; absent for a plugin or another part of one. */
  readonly framework?: string | undefined;
  readonly supported: SupportedVersions;
  /**
   * Files inside of the module that are hooked as well, e.g. `out/bot.js`: an `import` of a CommonJS module is not
   * seen without a loader hook, but what its files require of each other is.
   */
  readonly files?: readonly string[] | undefined;
  /** Patches prototypes and exports in place. May be called more than once, and before all of them exist. */
  readonly patch: (exports: object) => void;
}

/**
 * What instrumentations for audit extend. An ordinary OpenTelemetry instrumentation, so that it can be registered by
 * code too; but what it patches stays patched (`disable` does nothing), and `_wrap` is never used: it first unwraps
 * what another instrumentation put there.
 */
export abstract class AuditInstrumentation extends InstrumentationBase {
  /** Called by the constructor of the base class, before fields of a subclass exist. */
  protected abstract modules(): readonly AuditedModule[];

  protected override init(): InstrumentationNodeModuleDefinition[] {
    return this.modules().map((audited) => {
      const patch = (exports: unknown, version?: string): unknown => {
        applyPatch(audited, exports, version);
        return exports;
      };
      const files = audited.files ?? [];
      const definition = new InstrumentationNodeModuleDefinition(
        audited.module,
        ['*'],
        patch,
        undefined,
        files.map((file) => new InstrumentationNodeModuleFile(`${audited.module}/${file}`, ['*'], patch, () => {})),
      );
      return Object.assign(definition, { includePrerelease: true });
    });
  }

  /**
   * Patches exports that no hook can see, those of a framework bundled into one file with the bot.
   *
   * @param module as it would be imported, e.g. `grammy`.
   * @param exports the module's namespace.
   * @throws {TypeError} when this instrumentation knows no such module.
   */
  patchExports(module: string, exports: object): void {
    const audited = this.modules().find((candidate) => candidate.module === module);
    if (!audited) throw new TypeError(`${this.instrumentationName} does not know the module "${module}"`);
    applyPatch(audited, exports, undefined);
  }
}

/** Versions of modules that were judged, so that each is announced, or warned of, once. */
const judged = new Map<string, boolean>();
let hooked = false;

function applyPatch(audited: AuditedModule, exports: unknown, version: string | undefined): void {
  if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) return;
  if (judge(audited, version)) guard(audited.module, () => audited.patch(exports));
}

/** An unknown version, of a bundled framework, gets the benefit of the doubt. */
function judge({ module, framework, supported }: AuditedModule, version: string | undefined): boolean {
  const key = `${module}@${version ?? 'bundled'}`;
  const known = judged.get(key);
  if (known !== undefined) return known;
  const fits = version === undefined || isSupported(supported, version);
  judged.set(key, fits);
  if (!fits) {
    process.stderr.write(
      `botaudit: ${module} ${version} is not supported (supported: ${supportedText(supported)}); ` +
        'the bot runs, but what it does through this module is NOT audited\n',
    );
  }
  if (framework !== undefined) {
    hooked ||= fits;
    guard(module, () =>
      currentBackend()?.announceFramework({ name: framework, version: version ?? 'bundled', supported: fits }),
    );
  }
  return fits;
}

/** Whether a framework in a supported version was hooked in this thread. */
export function hasHookedFramework(): boolean {
  return hooked;
}
