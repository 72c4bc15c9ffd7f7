import type * as v from 'valibot';
import type { POLICY_OPTIONS } from '../config/policy-options.js';
import type { PresetName } from './names.js';

/** A rule as `botaudit.yaml` would hold it. */
type RuleText = NonNullable<NonNullable<v.InferInput<typeof POLICY_OPTIONS>>['rules']>[number];

/** What `policy.preset` stands for. Its page, `docs/presets/<name>.md`, says which requirement each part is for. */
export interface Preset {
  readonly title: string;
  /** In order; those of the file come before them. */
  readonly rules: readonly { readonly rule: RuleText; readonly because: string }[];
  /** Options outside the policy by key, for where neither the file nor the environment sets them. */
  readonly settings: Readonly<
    Record<string, { readonly value: string | number | boolean | string[]; readonly because: string }>
  >;
}

const DAY = 86_400;

/** What people ask of a bot outright. */
const ASKED = ['bot.command', 'bot.callback', 'bot.event'];

/** What creates, changes or removes something that others rely on, and is not of high risk, so that it has one record. */
const OBJECTS = ['bot.message.delete', 'bot.channel.*', 'bot.file.share', 'bot.file.delete'];

export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  minimal: {
    title: 'The least that answers who changed what',
    rules: [
      {
        rule: { risk: ['medium', 'high'], level: 'metadata' },
        because: 'what changes something for people, money, rights or settings, and what goes wrong',
      },
      {
        rule: { event: ASKED, written: 'caused' },
        because: 'who asked for it; what leads to nothing that is recorded leaves nothing',
      },
      {
        rule: {
          event: ['bot.message', 'bot.activity', 'bot.started', 'bot.stopping', 'bot.stopped'],
          level: 'metadata',
        },
        because: 'the same of messages; and when the bot ran',
      },
      { rule: { risk: 'low', level: 'none' }, because: 'everything else of the catalogue is left out, and counted' },
    ],
    settings: {},
  },
  gdpr: {
    title: 'Regulation (EU) 2016/679: no more about persons than is needed, and no longer',
    rules: [
      {
        rule: { risk: ['medium', 'high'], level: 'metadata' },
        because: 'Art. 5(2), 32(1)(b): what was done to persons and their rights can be accounted for',
      },
      {
        rule: { event: ASKED, written: 'caused' },
        because: 'Art. 5(1)(c): what a person asked is recorded only where it led to something that is',
      },
      {
        rule: {
          event: ['bot.message.react', 'bot.message.pin', 'bot.message.unpin', 'bot.query.answer'],
          level: 'none',
        },
        because: 'Art. 5(1)(c): who reacted to what serves no purpose of an audit',
      },
      {
        rule: { event: '*', level: 'metadata' },
        because: 'Art. 25(2): by default ids, and no text',
      },
    ],
    settings: {
      'journal.max_age_seconds': {
        value: 30 * DAY,
        because: 'Art. 5(1)(e): nothing stays on the machine of the bot for longer than 30 days',
      },
      'journal.keep_acknowledged_seconds': {
        value: DAY,
        because: 'Art. 5(1)(c): what has reached the sink is not kept twice for longer than a day',
      },
      'protection.detect': {
        value: ['email', 'phone', 'iban', 'payment_card', 'ip'],
        because: 'Art. 5(1)(c), 32(1)(a): what people tell of themselves in reasons and texts is masked',
      },
    },
  },
  'pci-dss': {
    title: 'PCI DSS v4.0.1, requirement 10: log and monitor all access',
    rules: [
      {
        rule: { event: ASKED, written: 'receipt' },
        because: '10.2.1.1, 10.2.1.4: what individuals asked, also what was refused to them or led to nothing',
      },
      {
        rule: { event: OBJECTS, written: 'attempt-and-outcome' },
        because: '10.2.1.7: what is created and deleted, also where it failed halfway',
      },
      {
        rule: { event: ['mcp.resource.read', 'mcp.prompt.get', 'agent.model.call'], written: 'attempt-and-outcome' },
        because: '10.2.1.1: data that agents are given access to',
      },
      {
        rule: { risk: 'high', level: 'metadata' },
        because: '10.2.1.2, 10.2.1.5: moderation, roles, payments and settings, before and after',
      },
      {
        rule: { event: '*', level: 'metadata' },
        because: '3.3.1, 3.5.1: ids and no text, in which card numbers could stand',
      },
    ],
    settings: {
      'journal.keep_acknowledged_seconds': {
        value: 92 * DAY,
        because: '10.5.1: three months at hand on the machine of the bot, as long as there is room',
      },
      'protection.detect': {
        value: ['payment_card'],
        because: '3.3.1, 3.5.1: card numbers in reasons, texts and events of the application are masked',
      },
    },
  },
  'iso-27001': {
    title: 'ISO/IEC 27001:2022, Annex A: logging, monitoring, evidence',
    rules: [
      {
        rule: { event: ASKED, written: 'receipt' },
        because: 'A.8.15: activities of users, when they happen',
      },
      {
        rule: { event: [...OBJECTS, 'bot.member.invite', 'agent.run'], written: 'attempt-and-outcome' },
        because: 'A.8.15, A.5.28: changes, also where they failed halfway',
      },
      {
        rule: { event: '*', level: 'metadata' },
        because: 'A.5.34, A.8.11: everything else of the catalogue too, by ids and without text',
      },
    ],
    settings: {
      'journal.keep_acknowledged_seconds': {
        value: 30 * DAY,
        because: 'A.5.33: a second copy for a month, as long as there is room',
      },
    },
  },
  'eu-ai-act': {
    title: 'Regulation (EU) 2024/1689: record-keeping of high-risk AI systems',
    rules: [
      {
        rule: {
          event: ['agent.*', 'mcp.*'],
          written: 'attempt-and-outcome',
        },
        because: 'Art. 12(1), 12(2)(a): what models, agents and tools did, with its beginning and its end',
      },
      {
        rule: { event: ASKED, written: 'receipt' },
        because: 'Art. 12(2)(c), 26(5): what the system was asked, when it was asked',
      },
      {
        rule: { risk: ['medium', 'high'], level: 'metadata' },
        because: 'Art. 12(2)(a): what it changed for people, and where it failed',
      },
      {
        rule: { event: '*', level: 'metadata' },
        because: 'Art. 19(1), 26(6): ids, and no text, which may be kept for long',
      },
    ],
    settings: {
      'journal.keep_acknowledged_seconds': {
        value: 184 * DAY,
        because: 'Art. 19(1), 26(6): six months on the machine of the bot too, as long as there is room',
      },
    },
  },
};
