import { auditInstrumentation } from '@botaudit/instrumentation/otel';
import { MCP_MODULES } from './modules.js';

/**
 * Audits servers and clients made with the MCP SDK 1.x: what they are asked for, and what they ask for. For those who
 * register instrumentations by code; with the preload flag nothing of this is needed.
 */
export class McpInstrumentation extends auditInstrumentation('@botaudit/instrumentation-mcp', MCP_MODULES) {}
