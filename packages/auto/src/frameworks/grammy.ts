export { GRAMMY_MODULES as MODULES } from '@botaudit/instrumentation-grammy/modules';
