export type { Fault } from './faults.ts';
export { CLOSE } from './gateway.ts';
export { OPTION, type Person } from './person.ts';
export { DiscordServer } from './server.ts';
export type { BotAccount, Channel, Guild } from './world.ts';
