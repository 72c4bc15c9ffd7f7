export { SLACK_BOLT_MODULES as MODULES } from '@botaudit/instrumentation-slack-bolt/modules';
