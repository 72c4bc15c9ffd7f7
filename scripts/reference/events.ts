import { CATALOGUE } from '@botaudit/record';
import { code, heading, table } from './markdown.ts';

/** What each value of the column "written" means. */
const WRITTEN: Record<string, string> = {
  receipt: 'at receipt, one record',
  caused: 'just before the record of an action that it causes, or when its handler fails; else not at all',
  outcome: 'one record, when the outcome is known and before the caller learns of it',
  'attempt-and-outcome': 'a record before the action (outcome `unknown`) and one after',
  never: 'not at all',
};

export function eventsPage(): string {
  const rows = Object.entries(CATALOGUE).map(([name, { verb, targetType, risk, written, description }]) => [
    code(name),
    code(verb),
    targetType,
    risk,
    written,
    description,
  ]);
  return [
    heading('Events', 'packages/record/src/catalogue.ts'),
    'Every event with a meaning of its own. An application adds events under any other name through `record()`.\n',
    table(['event', 'verb', 'target', 'risk', 'written', 'meaning'], rows),
    '\n## When an event is written\n',
    table(
      ['value', 'meaning'],
      Object.entries(WRITTEN).map(([value, meaning]) => [code(value), meaning]),
    ),
  ].join('\n');
}
