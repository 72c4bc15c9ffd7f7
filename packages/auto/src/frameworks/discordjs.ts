export { DISCORDJS_MODULES as MODULES } from '@botaudit/instrumentation-discord.js/modules';
