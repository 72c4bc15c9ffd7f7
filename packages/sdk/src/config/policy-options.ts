import {
  boolean,
  bytes,
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
import { CATALOGUE, MAX_RECORD_BYTES } from '@botaudit/record';
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

// An id has a namespace; a star stands at its end, after a colon or a slash, so that it is no part of another id.
const ACTOR = /^(?:user|service|system|unknown|anonymous|[a-z][a-z0-9_.-]*:(?:[^*]+|(?:[^*]*\/)?\*))$/;

const actorPattern = v.pipe(
  v.string(),
  v.check((value) => ACTOR.test(value)),
  v.metadata({
    type: 'actor',
    allowed:
      "an actor's id such as telegram:42, the beginning of ids such as telegram:* or slack:T1/*, or a type: user, service, system",
    jsonSchema: { anyOf: [{ enum: ['user', 'service', 'system'] }, { type: 'string', pattern: ACTOR.source }] },
  } satisfies TypeInfo),
);

/** What is mandatory, and what the chain adds, has to find room. */
const MIN_SIZE_LIMIT = 4_096;

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
      chat_type: optionalOption(oneOrMore(text), {
        otherwise: 'every chat, and what happens in none',
        description: 'What happens in chats of this kind alone, as the platform calls it, such as private or group.',
      }),
      actor: optionalOption(oneOrMore(actorPattern), {
        otherwise: 'every actor',
        description: 'What these actors do alone, by their ids or what they are.',
      }),
      level: optionalOption(oneOf(['none', 'metadata', 'content', 'full']), {
        otherwise: 'metadata',
        description:
          'How much is kept: none, nothing; metadata, ids and no text; content, what was said too; full, all that came in, or was sent and answered. Secrets are removed always.',
      }),
      written: optionalOption(oneOf(['receipt', 'caused', 'outcome', 'attempt-and-outcome', 'never']), {
        otherwise: 'as the catalogue of events says',
        description:
          'Which records are written, and when. Of what reaches a bot: receipt, caused, never; of what it does: outcome, attempt-and-outcome, never; of anything else: outcome, never.',
      }),
      fail_closed: option(boolean, false, {
        description: 'Whether what can not be recorded must not happen.',
      }),
      size_limit: optionalOption(bytes(MIN_SIZE_LIMIT, MAX_RECORD_BYTES), {
        otherwise: '256 KiB, which no record exceeds',
        description: 'How long a record may be. Of a longer one the largest parts are cut, and named in bot.truncated.',
      }),
      on_duplicate: optionalOption(oneOf(['mark', 'block', 'allow']), {
        otherwise: 'mark for what reaches the bot, for high-risk actions and for what has a key of the application',
        description:
          'What becomes of the same once more within 24 hours on this host: mark, it is recorded, counted and alerted on as a duplicate; block, it does not happen; allow, it is not looked for.',
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
