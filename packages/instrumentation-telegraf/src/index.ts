export { TelegrafInstrumentation } from './instrumentation.js';
