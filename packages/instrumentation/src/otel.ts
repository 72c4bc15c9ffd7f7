import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation';
import { type AuditedModule, patchModule } from './audited-module.js';

/**
 * What instrumentations for audit extend. An ordinary OpenTelemetry instrumentation, so that it can be registered by
 * code too; but what it patches stays patched (`disable` ends only what is still to come), and `_wrap` is never used:
 * it first unwraps what another instrumentation put there.
 */
export abstract class AuditInstrumentation extends InstrumentationBase {
  /** Called by the constructor of the base class, before fields of a subclass exist. */
  protected abstract modules(): readonly AuditedModule[];

  protected override init(): InstrumentationNodeModuleDefinition[] {
    return this.modules().map((audited) => {
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
