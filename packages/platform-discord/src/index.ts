export { type DiscordAction, mapRequest } from './actions.js';
export { readAnswer } from './answer.js';
export { discordCall } from './call.js';
export { mapDispatch } from './dispatches.js';
export { EVENTS } from './events.js';
export { botIdOfToken, discordId, PLATFORM, readSnowflake } from './ids.js';
export { READING, ROUTES } from './routes.js';
export { type DiscordScopes, discordScopes, nameBot } from './scope.js';
