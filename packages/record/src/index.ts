export * from './attributes.js';
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
