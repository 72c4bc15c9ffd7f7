export { MCP_MODULES as MODULES } from '@botaudit/instrumentation-mcp/modules';
