export type { AuditBackend, BotInfo, Decision, EventQuery, FrameworkInfo, Level } from './backend.js';
export { activeBackend, registerBackend, unregisterBackend } from './backend.js';
export { chatTypeOf } from './chat-type.js';
export type { AuditContext, Trigger } from './context.js';
export { activeContext, runAs, withContext } from './context.js';
export { AuditUnavailableError, InvalidEventError } from './errors.js';
export type { Actor, AuditEvent, Source, Target, TraceIds } from './event.js';
export type { EventInput } from './write.js';
export { complete, record } from './write.js';
