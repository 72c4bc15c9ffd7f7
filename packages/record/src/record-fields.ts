import {
  ATTR_AUDIT_ACTION,
  ATTR_AUDIT_ACTOR_ID,
  ATTR_AUDIT_ACTOR_TYPE,
  ATTR_AUDIT_OUTCOME,
  ATTR_AUDIT_RECORD_ID,
} from './attributes.js';

/** Attributes that every record has, as texts that are not empty. */
export const MANDATORY = [
  ATTR_AUDIT_RECORD_ID,
  ATTR_AUDIT_ACTOR_ID,
  ATTR_AUDIT_ACTOR_TYPE,
  ATTR_AUDIT_ACTION,
  ATTR_AUDIT_OUTCOME,
];

export const NANOSECONDS = /^(?:0|[1-9][0-9]{0,19})$/;
export const TRACE_ID = /^[0-9a-f]{32}$/;
export const SPAN_ID = /^[0-9a-f]{16}$/;

/** Deeper than `toPlain` nests, and far from the depth at which a stack overflows. */
export const MAX_DEPTH = 64;
