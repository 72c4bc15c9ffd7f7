export { SlackBoltInstrumentation } from './instrumentation.js';
