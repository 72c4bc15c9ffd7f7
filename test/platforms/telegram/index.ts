export type { BotAccount, BotOptions } from './bot-account.ts';
export type { LoggedCall } from './call-log.ts';
export type { TelegramChat } from './chat.ts';
export type { Fault } from './faults.ts';
export type { Asked, Person } from './person.ts';
export { type RoomOptions, TelegramServer, type TelegramServerOptions, type UserOptions } from './server.ts';
export type { Envelope, Method, UpdateBody, UpdateType } from './types.ts';
