import type { AuditedModule } from '@botaudit/instrumentation';

/** What is patched. */
export const MCP_MODULES: readonly AuditedModule[] = [];
