import type { Decision } from '@botaudit/api';
import { type EventDefinition, eventDefinition, type Written } from '@botaudit/record';

const decision = (written: Written): Decision => Object.freeze({ level: 'metadata', written, failClosed: false });

const DECISIONS: Readonly<Record<Written, Decision>> = {
  receipt: decision('receipt'),
  caused: decision('caused'),
  outcome: decision('outcome'),
  'attempt-and-outcome': decision('attempt-and-outcome'),
  never: decision('never'),
};

/** What auditing is off leaves of an event. */
export const NOTHING: Decision = Object.freeze({ level: 'none', written: 'never', failClosed: false });

/** What is written of an event, and when: as the catalogue says; of one that is not in it, the outcome. */
export function decide(name: string): Decision {
  const definition: EventDefinition | undefined = eventDefinition(name);
  return DECISIONS[definition?.written ?? 'outcome'];
}
