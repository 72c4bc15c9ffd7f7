export { apart } from './apart.js';
export { auditInbound, type Received } from './audit-inbound.js';
export { auditOutbound, type Sent } from './audit-outbound.js';
export {
  type AuditedModule,
  patchBundle,
  patchLoadedFiles,
  patchModule,
} from './audited-module.js';
export { backInContext } from './back-in-context.js';
export { BotLife, type UpdateSource } from './bot-life.js';
export { type BotScope, type BotScopes, botScope, botScopes } from './bot-scope.js';
export { errorCode, errorType, isServerError, neverSent } from './error-type.js';
export { patchEsModule } from './es-modules.js';
export { guard } from './guard.js';
export type { Hold } from './hold.js';
export { handleInbound, type Inbound, type InboundEvent, recordErrorOfHandler, recordHandlerError } from './inbound.js';
export { announceBot, type LifeDetails, type LifeEvent, recordLife } from './life.js';
export { noticeAssignment } from './notice-assignment.js';
export { observe, type Settlement } from './observe.js';
export { type ActionResult, type Asker, handleOutbound, type Outbound, type OutboundAction } from './outbound.js';
export { ownMethod } from './own-method.js';
export { type ClassPatches, type PatchableClass, patchClasses } from './patch-classes.js';
export { type Method, patchMethod } from './patch-method.js';
export { withPreloadFlag } from './preload-flag.js';
export { ownKeys, read, readId, readIds, readList } from './read.js';
export { RecentMap } from './recent-map.js';
export { isSupported, type SupportedVersions, supportedText } from './supported-versions.js';
export { formatTraceparent, parseTraceparent } from './traceparent.js';
export { VERSION } from './version.js';
export { watchErrorHandler } from './watch-error-handler.js';
export { type StartMethod, watchStart, watchStop } from './watch-life.js';
export { watchMethod } from './watch-method.js';
