export type {
  AuditBackend,
  BotInfo,
  Decision,
  EventQuery,
  FrameworkInfo,
  Level,
  Occurrence,
  OccurrenceQuery,
  OnDuplicate,
} from './backend.js';
export { activeBackend, registerBackend, unregisterBackend } from './backend.js';
export { chatTypeOf } from './chat-type.js';
export type { AuditContext, Trigger } from './context.js';
export { activeContext, runAs, withContext } from './context.js';
export type { FirstTime } from './errors.js';
export { AuditUnavailableError, DuplicateActionError, InvalidEventError } from './errors.js';
export type { Actor, AuditEvent, Source, Target, TraceIds } from './event.js';
export type { OnceOptions } from './once.js';
export { once } from './once.js';
export type { EventInput, RecordInput } from './write.js';
export { complete, record } from './write.js';
