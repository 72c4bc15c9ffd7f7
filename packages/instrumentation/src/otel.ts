import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation';
import { type AuditedModule, patchModule } from './audited-module.js';
import { VERSION } from './version.js';
import { watchModule } from './watch-module.js';

/**
 * What instrumentations for audit are. An ordinary OpenTelemetry instrumentation, so that it can be registered by code
 * too; but what it patches stays patched (`disable` ends only what is still to come), and `_wrap` is never used: it first
 * unwraps what another instrumentation put there.
 */
export class AuditInstrumentation extends InstrumentationBase {
  /** What is patched. Called by the constructor of the base class, before fields of a subclass exist. */
  protected modules(): readonly AuditedModule[] {
    return [];
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    return this.modules().map((audited) => {
      // OpenTelemetry's hooks see ES modules only where its loader is registered too, and no CommonJS file of a module
      // whose main file can't be required.
      if (audited.esModules) watchModule(audited, () => this.isEnabled());
      const patch = (exports: unknown, version?: string): unknown => {
        patchModule(audited, exports, version);
        return exports;
      };
      const definition = new InstrumentationNodeModuleDefinition(
        audited.module,
        ['*'],
        patch,
        undefined,
        [...audited.files, ...Object.keys(audited.esModules ?? {})].map((file) => {
          return new InstrumentationNodeModuleFile(`${audited.module}/${file}`, ['*'], patch, () => {});
        }),
      );
      return Object.assign(definition, { includePrerelease: true });
    });
  }
}

/**
 * The class of an instrumentation, for those who register instrumentations by code.
 *
 * @param name of its package.
 * @param modules what it patches.
 */
export function auditInstrumentation(name: string, modules: readonly AuditedModule[]): new () => AuditInstrumentation {
  return class extends AuditInstrumentation {
    constructor() {
      super(name, VERSION, {});
    }

    protected override modules(): readonly AuditedModule[] {
      return modules;
    }
  };
}
