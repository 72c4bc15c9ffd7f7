import type { AuditedModule } from '@botaudit/instrumentation';

/** What is patched. */
export const SLACK_BOLT_MODULES: readonly AuditedModule[] = [];
