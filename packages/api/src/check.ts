import { InvalidEventError } from './errors.js';
import type { Actor, AuditEvent } from './event.js';

const ACTOR_ID = /^(?:unknown|anonymous|[a-z][a-z0-9_.-]*:.+)$/su;
const ACTOR_TYPES = ['user', 'service', 'system'];
const OUTCOMES = ['success', 'failure', 'unknown'];
const ACTION = /^[A-Z][A-Z0-9_]*$/;

/** @throws {InvalidEventError} when `actor` is not one. */
export function checkActor(event: string, actor: Actor): void {
  if (!actor) throw new InvalidEventError(event, 'actor', 'is missing');
  if (!actor.id) throw new InvalidEventError(event, 'actor.id', 'is missing');
  if (typeof actor.id !== 'string' || !ACTOR_ID.test(actor.id)) {
    throw new InvalidEventError(event, 'actor.id', 'must read <namespace>:<id>, "unknown" or "anonymous"');
  }
  oneOf(event, 'actor.type', actor.type, ACTOR_TYPES);
}

/** @throws {InvalidEventError} naming the first field that is missing or wrong. */
export function checkEvent(event: AuditEvent): void {
  const { name } = event;
  if (typeof name !== 'string' || name === '') throw new InvalidEventError(String(name), 'name', 'is missing');
  if (event.action === undefined) throw new InvalidEventError(name, 'action', 'is missing');
  if (typeof event.action !== 'string' || !ACTION.test(event.action)) {
    throw new InvalidEventError(name, 'action', 'must be an upper-case verb such as CREATE or EXECUTE');
  }
  oneOf(name, 'outcome', event.outcome, OUTCOMES);
  checkActor(name, event.actor);
}

function oneOf(event: string, field: string, value: unknown, allowed: readonly string[]): void {
  if (value === undefined) throw new InvalidEventError(event, field, `is missing; allowed are ${allowed.join(', ')}`);
  if (typeof value !== 'string' || !allowed.includes(value)) {
    throw new InvalidEventError(event, field, `is not allowed; allowed are ${allowed.join(', ')}`);
  }
}
