import type { AuditBackend, AuditEvent } from '../src/index.js';

/** A backend that keeps what it is handed. */
export function fakeBackend(): AuditBackend & { readonly events: AuditEvent[] } {
  const events: AuditEvent[] = [];
  return {
    events,
    self: { id: 'service:shop', type: 'service' },
    decide: () => ({ level: 'metadata', written: 'outcome', failClosed: false }),
    write: (event) => `record-${events.push(event)}`,
    hashArguments: () => undefined,
    announceFramework: () => {},
    announceBot: () => {},
    reportError: () => {},
  };
}
