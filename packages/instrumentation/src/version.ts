/** The version of this package, for the scopes of spans and instrumentations. */
export const VERSION = '0.1.0';
