export { GrammyInstrumentation } from './instrumentation.js';
