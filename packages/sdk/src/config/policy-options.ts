import {
  boolean,
  integer,
  listOption,
  oneOf,
  oneOrMore,
  option,
  optionalOption,
  section,
  type TypeInfo,
  text,
} from '@botaudit/config';
import { CATALOGUE } from '@botaudit/record';
import * as v from 'valibot';
import { PRESET_NAMES } from '../presets/names.js';
import { fieldActions } from './protection-options.js';

const EVENTS = Object.keys(CATALOGUE).filter((name) => !name.startsWith('audit.'));

// An application's own events have any name; only a star has a meaning here.
const PATTERN = /^(?:\*|[^*]+|[^*]*[^*.]\.\*)$/;

const eventPattern = v.pipe(
  v.string(),
  v.check((value) => PATTERN.test(value)),
  v.metadata({
    type: 'event',
    allowed:
      "an event's name such as bot.member.ban, the beginning of names such as bot.member.*, or * for every event",
    jsonSchema: { anyOf: [{ enum: EVENTS }, { type: 'string', pattern: PATTERN.source }] },
  } satisfies TypeInfo),
);

const level = v.pipe(
  v.picklist(['none', 'metadata']),
  v.metadata({
    type: 'none | metadata',
    allowed: 'none, metadata (content and full are not available yet)',
    jsonSchema: { enum: ['none', 'metadata'] },
  } satisfies TypeInfo),
);

/** The options of `policy`. */
export const POLICY_OPTIONS = section({
  preset: optionalOption(oneOf(PRESET_NAMES), {
    env: 'BOTAUDIT_POLICY_PRESET',
    otherwise: 'no rules but those of the file',
    description:
      'Rules that come after those of the file, and settings for what the file and the environment do not set. botaudit policy check --show prints them.',
  }),
  watch_interval_ms: option(integer(0, 3_600_000), 5_000, {
    env: 'BOTAUDIT_POLICY_WATCH_INTERVAL_MS',
    description:
      'How often it is looked whether the file has changed, so that a new policy takes effect without a restart, in milliseconds; 0 is never.',
  }),
  rules: listOption(
    {
      event: optionalOption(oneOrMore(eventPattern), {
        otherwise: 'every event',
        description: 'Which events the rule is about; never audit.*, what auditing tells of itself.',
      }),
      platform: optionalOption(oneOrMore(text), {
        otherwise: 'every platform',
        description: 'Events of these platforms alone, such as telegram.',
      }),
      framework: optionalOption(oneOrMore(text), {
        otherwise: 'every framework',
        description: 'Events of these frameworks alone, such as grammy.',
      }),
      risk: optionalOption(oneOrMore(oneOf(['low', 'medium', 'high'])), {
        otherwise: 'every event, also those of the application, which have no risk',
        description: 'Events of this risk alone, as the catalogue of events says it.',
      }),
      level: optionalOption(level, {
        otherwise: 'metadata',
        description: 'How much is kept: metadata, ids and no text; none, nothing.',
      }),
      written: optionalOption(oneOf(['receipt', 'caused', 'outcome', 'attempt-and-outcome', 'never']), {
        otherwise: 'as the catalogue of events says',
        description:
          'Which records are written, and when. Of what reaches a bot: receipt, caused, never; of what it does: outcome, attempt-and-outcome, never; of anything else: outcome, never.',
      }),
      fail_closed: option(boolean, false, {
        description: 'Whether what can not be recorded must not happen.',
      }),
      fields: optionalOption(fieldActions, {
        otherwise: 'as protection.fields says',
        description: 'What is done with fields of these events, before what protection.fields says of all.',
      }),
    },
    {
      description:
        'What is recorded of which event. The first rule that is about an event decides; what it does not say is as if there were no rule.',
    },
  ),
});
