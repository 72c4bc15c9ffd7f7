export { askerOf, type Known } from './asker.js';
export { sentRequest, servedRequest } from './call.js';
export { argumentsOf, METHODS, type Method, mapRequest, NOISE } from './methods.js';
export { readSent, readServed, type Unsent } from './outcome.js';
export { mcpId, mcpScopes, PLATFORM, type Role, type Side } from './scope.js';
export { readTraceparent, withTraceparent } from './trace.js';
