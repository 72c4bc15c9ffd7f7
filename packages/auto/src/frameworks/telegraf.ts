export { TELEGRAF_MODULES as MODULES } from '@botaudit/instrumentation-telegraf/modules';
