export { DiscordInstrumentation } from './instrumentation.js';
