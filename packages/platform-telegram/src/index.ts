export { mapCall, type TelegramAction } from './actions.js';
export { readAnswer } from './answer.js';
export { botIdOfToken, PLATFORM, telegramId } from './ids.js';
export { METHODS } from './methods.js';
export { mapUpdate, UPDATES } from './updates.js';
