import { dashboard } from './dashboard.ts';
import { bars, metric, table } from './lens.ts';
import { all, DONE, FAILED, HIGH_RISK } from './queries.ts';
import type { SavedObject } from './saved-object.ts';
import { SEARCHES } from './searches.ts';

const total = metric('botaudit-subject-records', {
  title: 'Done',
  description: 'What was done and received, without attempts.',
  query: DONE,
});
const risky = metric('botaudit-subject-high-risk', {
  title: 'Of high risk',
  description: 'Moderation, roles, payments, settings, tools.',
  query: all(DONE, HIGH_RISK),
});
const failed = metric('botaudit-subject-failed', {
  title: 'Failed',
  description: 'What the platform refused, or the bot could not do.',
  query: all(DONE, FAILED),
});
const outcomes = bars(
  'botaudit-subject-outcomes',
  { title: 'By outcome', description: 'When this person or bot is active, and how that ends.', query: DONE },
  ['Outcome', 'audit.outcome'],
);
const kinds = bars(
  'botaudit-subject-events',
  { title: 'By event', description: 'What it is that is done.', query: DONE },
  ['Event', 'event_name'],
);
const actors = table(
  'botaudit-subject-actors',
  { title: 'By whom', description: 'On whose behalf the chosen bot acts.', query: DONE },
  [
    ['Actor', 'audit.actor.id'],
    ['Type', 'audit.actor.type'],
  ],
);
const targets = table(
  'botaudit-subject-targets',
  { title: 'To whom, or what', description: 'Upon whom or what of high risk was done.', query: all(DONE, HIGH_RISK) },
  [
    ['Target', 'audit.target.id'],
    ['Action', 'audit.action'],
  ],
);
const places = table(
  'botaudit-subject-places',
  { title: 'Where', description: 'In which chats, through which bots.', query: DONE },
  [
    ['Chat', 'bot.chat.id'],
    ['Bot', 'bot.id'],
  ],
);
const commands = table(
  'botaudit-subject-commands',
  { title: 'Commands', description: 'Which commands were given.', query: '_exists_:bot.command.name' },
  [['Command', 'bot.command.name']],
);

/** All that one person did, or one bot: chosen at the top. */
export const SUBJECT: readonly SavedObject[] = [
  ...[total, risky, failed, outcomes, kinds, actors, targets, places, commands],
  dashboard('botaudit-subject', {
    title: 'BotAudit: one person or bot',
    description: 'Choose a person, a bot, a chat: what was done, to whom, and how it ended.',
    controls: [
      { title: 'Person', field: 'audit.actor.id' },
      { title: 'Bot', field: 'bot.id' },
      { title: 'Chat', field: 'bot.chat.id' },
      { title: 'Trace', field: 'trace_id' },
    ],
    rows: [
      { height: 6, panels: [total, risky, failed] },
      { height: 12, panels: [outcomes, kinds] },
      { height: 12, panels: [actors, targets] },
      { height: 12, panels: [places, commands] },
      { height: 20, panels: [SEARCHES.done] },
    ],
  }),
];
