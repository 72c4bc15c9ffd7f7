import { type AttributeMap, type AttributeValue, type AuditRecord, eventDefinition } from '@botaudit/record';
import { displayWidth, type Paint } from './columns.js';
import { harmless } from './harmless.js';
import { formatTime } from './time.js';

/** A name and its value, both as they came. */
export type Field = readonly [name: string, value: string];

/** All fields of a record, those of a LogRecord first, then its attributes and body by name. */
export function fieldsOf(record: AuditRecord): Field[] {
  const description = eventDefinition(record.eventName)?.description;
  const fields: Field[] = [
    ['event', description ? `${record.eventName} (${description.replace(/\.$/, '')})` : record.eventName],
    ['time', withNanoseconds(record.timestamp)],
    ['observed', withNanoseconds(record.observedTimestamp)],
  ];
  if (record.traceId) fields.push(['trace id', record.traceId]);
  if (record.spanId) fields.push(['span id', record.spanId]);
  fields.push(...mapFields(record.attributes, ''));
  if (record.body) fields.push(...mapFields(record.body, 'body.'));
  return fields;
}

/** Fields below one another, values aligned; each value one line, harmless. */
export function fieldLines(fields: readonly Field[], paint: Paint): string[] {
  const rows = fields.map(([name, value]) => ({ name: harmless(name), value: harmless(value) }));
  const widest = Math.max(...rows.map(({ name }) => displayWidth(name)));
  return rows.map(({ name, value }) => `${paint('dim', name)}${' '.repeat(widest - displayWidth(name) + 2)}${value}`);
}

function mapFields(map: AttributeMap, prefix: string): Field[] {
  return Object.keys(map)
    .sort()
    .map((name) => [prefix + name, valueText(map[name]!)]);
}

function valueText(value: AttributeValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function withNanoseconds(timestamp: string): string {
  const shown = formatTime(timestamp);
  return shown === timestamp ? timestamp : `${shown} (${timestamp})`;
}
