export { McpInstrumentation } from './instrumentation.js';
