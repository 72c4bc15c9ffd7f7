export type { Held } from './claims.js';
export { Claims } from './claims.js';
export { Duplicates } from './duplicates.js';
