export type { Pauses } from './backoff.js';
export { shipBriefly } from './ship-briefly.js';
export type { ShipDirectoryOptions } from './ship-directory.js';
export { shipDirectory } from './ship-directory.js';
export type { ShipRejectedOptions } from './ship-rejected.js';
export { shipRejected } from './ship-rejected.js';
export type { ShippingReport } from './shipper.js';
export type { ShipperHandle } from './start-shipper.js';
export { startShipper } from './start-shipper.js';
