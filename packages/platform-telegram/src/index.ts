export { mapCall, type TelegramAction } from './actions.js';
export { readAnswer } from './answer.js';
export { type CallDetails, telegramCall } from './call.js';
export { heldUpdates, type NextUpdate } from './held-updates.js';
export { botIdOfToken, PLATFORM, telegramId } from './ids.js';
export { METHODS } from './methods.js';
export { type TelegramScopes, telegramScopes } from './scope.js';
export { mapUpdate, UPDATES } from './updates.js';
