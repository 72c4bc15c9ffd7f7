export * from './attributes.js';
export type { EventDefinition, EventName } from './catalogue.js';
export { CATALOGUE, eventDefinition } from './catalogue.js';
export type {
  ActorType,
  Assurance,
  AttributeMap,
  AttributeValue,
  AuditRecord,
  Outcome,
  Risk,
  Written,
} from './model.js';
