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

/** What each value of the column "direction" means. */
const DIRECTIONS: Record<string, string> = {
  inbound: 'it reaches a bot, which then handles it',
  outbound: 'a bot or an agent does it',
  observed: 'it is seen as it happens, or when it has happened',
  audit: 'auditing tells of itself; no policy changes what is written of it',
};

export function eventsPage(): string {
  const rows = Object.entries(CATALOGUE).map(([name, { verb, targetType, direction, risk, written, description }]) => [
    code(name),
    code(verb),
    targetType,
    direction,
    risk,
    written,
    description,
  ]);
  return [
    heading('Events', 'packages/record/src/catalogue.ts'),
    'Every event with a meaning of its own. An application adds events under any other name through `record()`.\n',
    table(['event', 'verb', 'target', 'direction', 'risk', 'written', 'meaning'], rows),
    '\n## Which way it goes\n',
    table(
      ['value', 'meaning'],
      Object.entries(DIRECTIONS).map(([value, meaning]) => [code(value), meaning]),
    ),
    '\n## When an event is written\n',
    table(
      ['value', 'meaning'],
      Object.entries(WRITTEN).map(([value, meaning]) => [code(value), meaning]),
    ),
  ].join('\n');
}
