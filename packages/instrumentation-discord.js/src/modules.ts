import type { AuditedModule } from '@botaudit/instrumentation';

/** What is patched. */
export const DISCORDJS_MODULES: readonly AuditedModule[] = [];
