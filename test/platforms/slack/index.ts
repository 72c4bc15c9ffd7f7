export type { SlackApp } from './app-account.ts';
export type { LoggedCall } from './call-log.ts';
export { SlackServer } from './server.ts';
