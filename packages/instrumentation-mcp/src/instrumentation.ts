import { type AuditedModule, VERSION } from '@botaudit/instrumentation';
import { AuditInstrumentation } from '@botaudit/instrumentation/otel';
import { MCP_MODULES } from './modules.js';

/**
 * Audits servers and clients made with the MCP SDK 1.x: what they are asked for, and what they ask for. For those who
 * register instrumentations by code; with the preload flag nothing of this is needed.
 */
export class McpInstrumentation extends AuditInstrumentation {
  constructor() {
    super('@botaudit/instrumentation-mcp', VERSION, {});
  }

  protected override modules(): readonly AuditedModule[] {
    return MCP_MODULES;
  }
}
