import { relative, resolve } from 'node:path';
import { type ActorType, CATALOGUE, type EventDefinition, eventDefinition, MAX_RECORD_BYTES } from '@botaudit/record';
import type { Config, Policy, PolicyAnswer, PolicyRule, RuleQuery } from '@botaudit/sdk';
import { onRecord } from '../access/access.js';
import { EXIT, Failure } from '../failure.js';
import { type FoundRecord, findRecord } from '../journal/find-record.js';
import { type JournalOptions, locateJournal } from '../journal/locate.js';
import { Output } from '../output.js';
import { queryOf } from '../policy/query-of.js';
import { type WrittenUnder, writtenUnder } from '../policy/written-under.js';
import { Columns, displayWidth } from '../text/columns.js';
import { harmlessJson } from '../text/harmless.js';
import { type Field, fieldLines } from '../text/record-details.js';
import { Reading } from './reading.js';

/** Options of `botaudit policy explain`. */
export interface PolicyExplainOptions extends JournalOptions {
  readonly platform?: string | undefined;
  readonly framework?: string | undefined;
  readonly chatType?: string | undefined;
  /** An id, or a type. */
  readonly actor?: string | undefined;
  readonly json?: boolean | undefined;
}

/** The first digits of an id; events have names that say something. */
const RECORD_ID = /^(?=.*\d)[0-9a-f][0-9a-f-]{3,35}$/i;

/** A record that is explained, and the policy that it was written under. */
interface Written extends FoundRecord {
  readonly under: WrittenUnder | undefined;
  /** The rule of that policy that decided, where its rules are on record. */
  readonly by: PolicyRule | undefined;
}

/** Tells what the policy says of an event, of several, or of that of a record. */
export async function policyExplain(what: string, options: PolicyExplainOptions): Promise<void> {
  const { policy } = await loadPolicy(options);
  if (RECORD_ID.test(what)) return explainRecord(what, policy, options);
  const { platform, framework, chatType } = options;
  const actor = actorOf(options.actor);
  const queries = (await namesOf(what)).map((name) => ({ name, platform, framework, chatType, actor }));
  await print(policy, queries, options);
  process.exitCode = EXIT.ok;
}

async function explainRecord(id: string, policy: Policy, options: PolicyExplainOptions): Promise<void> {
  const journal = await locateJournal(options);
  const { json, config } = options;
  const request = { event: 'audit.log.read', command: 'policy explain', journal, asked: { id, json }, config } as const;
  await onRecord(request, async (access) => {
    const reading = new Reading(journal);
    const written = await recordIn(reading, id);
    access.records = 1;
    access.details = { record_id: written.id };
    await print(policy, [queryOf(written.record)], options, written);
    process.exitCode = reading.finish(EXIT.ok);
  });
}

async function print(
  policy: Policy,
  queries: readonly RuleQuery[],
  options: PolicyExplainOptions,
  written?: Written,
): Promise<void> {
  const output = new Output();
  if (options.json) {
    for (const query of queries) {
      const line = JSON.stringify(asJson(policy, query, written));
      output.line(output.isTerminal ? harmlessJson(line) : line);
    }
  } else if (queries.length === 1 && queries[0]) {
    const lines = fieldLines(await details(policy, queries[0], written), output.paint);
    for (const line of lines) output.line(line);
  } else {
    const rows = queries.map((query) => row(policy, query));
    const widths = [0, 1, 2].map((column) => Math.max(...rows.map((cells) => displayWidth(cells[column] ?? ''))));
    const columns = new Columns(output.paint, widths);
    for (const cells of rows)
      output.line(
        columns.line(
          cells.map((text) => ({ text })),
          output.width,
        ),
      );
  }
  await output.flush();
}

/** The policy of the configuration that a bot started here would read. */
export async function loadPolicy({ config: file }: JournalOptions): Promise<{ config: Config; policy: Policy }> {
  const { loadConfig, Policy } = await import('@botaudit/sdk');
  const env = file === undefined ? process.env : { ...process.env, BOTAUDIT_CONFIG: resolve(file) };
  const config = loadConfig({ env });
  return { config, policy: new Policy(config.policy.rules) };
}

async function recordIn(reading: Reading, id: string): Promise<Written> {
  const found = findRecord(reading, id);
  const under = writtenUnder(reading, found);
  return { ...found, under, by: await ruleThen(under, queryOf(found.record)) };
}

/** The rule that decided when a record was written, as its policy is on record. */
async function ruleThen(under: WrittenUnder | undefined, query: RuleQuery): Promise<PolicyRule | undefined> {
  const { Policy, recordedRules } = await import('@botaudit/sdk');
  const rules = under?.rules === undefined ? undefined : recordedRules(under.rules);
  return rules && new Policy(rules).explain(query).rule;
}

const ACTOR_TYPES: readonly string[] = ['user', 'service', 'system'] satisfies ActorType[];

/** Somebody as the command names him: by a type, or by an id, which is a person's unless it says otherwise. */
function actorOf(given: string | undefined): RuleQuery['actor'] {
  if (given === undefined) return undefined;
  if (ACTOR_TYPES.includes(given)) return { id: 'unknown', type: given as ActorType };
  return { id: given, type: given.startsWith('service:') ? 'service' : 'user' };
}

/** @throws {Failure} when a pattern is met by no event. */
async function namesOf(what: string): Promise<string[]> {
  if (what !== '*' && !what.endsWith('.*')) return [what];
  const { matchesRule } = await import('@botaudit/sdk');
  const about = { event: [what], failClosed: false, place: {} };
  const names = Object.keys(CATALOGUE).filter((name) => matchesRule(about, { name }));
  if (names.length > 0) return names;
  throw Failure.usage(
    `no event begins as ${what} says; botaudit policy explain '*' lists those that a policy decides on`,
  );
}

function asJson(policy: Policy, query: RuleQuery, written: Written | undefined): object {
  const { decision, rule } = policy.explain(query);
  const { direction = null, risk = null } = eventDefinition(query.name) ?? {};
  const { name, platform = null, framework = null, chatType = null, actor } = query;
  return {
    event: name,
    platform,
    framework,
    chat_type: chatType,
    actor: actor?.id ?? null,
    direction,
    risk,
    rule: rule?.place ?? null,
    level: decision.level,
    written: decision.written,
    fail_closed: decision.failClosed,
    size_limit: decision.sizeLimit ?? MAX_RECORD_BYTES,
    fields: decision.fields ?? null,
    on_duplicate: rule?.onDuplicate ?? null,
    policy_hash: policy.hash,
    record: written && {
      id: written.id,
      stream: written.stream.streamId,
      number: written.read.number,
      policy_hash: written.under?.hash ?? null,
      policy_rule: written.by?.place.key ?? null,
      holds: holds(written),
    },
  };
}

/** One event of several, in cells. */
function row(policy: Policy, query: RuleQuery): string[] {
  const { decision, rule } = policy.explain(query);
  const { level, written, failClosed } = decision;
  const kept = level === 'none' ? ['nothing', ''] : [level, written];
  return [query.name, rule?.place.key ?? 'catalogue', ...kept, failClosed ? 'fails closed' : ''];
}

/** What each direction means, and what a record may be asked for. */
const DIRECTIONS: Readonly<Record<EventDefinition['direction'], string>> = {
  inbound: 'inbound: it reaches the bot',
  outbound: 'outbound: the bot does it',
  observed: 'observed: it is only seen',
  audit: 'audit: auditing tells of itself',
};

const KEPT: Readonly<Record<Exclude<PolicyAnswer['decision']['level'], 'none'>, string>> = {
  metadata: 'metadata: ids, no text and no argument values',
  content: 'content: ids, and what was said: texts, arguments of commands, names of files',
  full: 'full: all that came in, or was sent and answered, but for secrets and the contents of files',
};

const WRITTEN: Readonly<Record<EventDefinition['written'], string>> = {
  receipt: 'receipt: one record, when it arrives',
  caused: 'caused: one record, just before that of an action that it causes, or when its handler fails',
  outcome: 'outcome: one record, when the outcome is known',
  'attempt-and-outcome': 'attempt-and-outcome: a record before, and one when the outcome is known',
  never: 'never',
};

const ONCE_MORE: Readonly<Record<NonNullable<PolicyRule['onDuplicate']>, string>> = {
  mark: 'mark: it is recorded, counted and alerted on as a duplicate',
  block: 'block: it does not happen; what was asked for is recorded',
  allow: 'allow: it is not looked for',
};

async function details(policy: Policy, query: RuleQuery, written: Written | undefined): Promise<Field[]> {
  const { decision, rule } = policy.explain(query);
  const { name } = query;
  const definition = eventDefinition(name);
  const fields: Field[] = [];
  if (written) {
    fields.push(['record', written.id], ['written under', origin(policy, written)]);
    if (written.by) fields.push(['by', ruleOnRecord(written.by)]);
    fields.push(['holds', holds(written).join(', ')]);
  }
  fields.push([
    'event',
    definition ? `${name} (${definition.description.replace(/\.$/, '')})` : `${name} (of the application)`,
  ]);
  if (query.platform !== undefined) fields.push(['platform', query.platform]);
  if (query.framework !== undefined) fields.push(['framework', query.framework]);
  if (query.chatType !== undefined) fields.push(['chat type', query.chatType]);
  if (query.actor !== undefined) fields.push(['actor', `${query.actor.id} (${query.actor.type})`]);
  if (definition) fields.push(['direction', DIRECTIONS[definition.direction]], ['risk', definition.risk]);
  fields.push(['rule', ruleText(name, rule)]);
  for (const other of written ? [] : await othersAbout(policy, query, rule))
    fields.push(['elsewhere', elsewhere(other)]);
  if (decision.level === 'none') return [...fields, ['kept', 'nothing']];
  if (definition?.direction === 'audit') return [...fields, ['kept', 'always']];
  return [
    ...fields,
    ['kept', definition ? KEPT[decision.level] : `${decision.level}: what the application says of it`],
    ...limits(decision),
    ['written', definition ? WRITTEN[decision.written] : 'one record, when the application says so'],
    ['fails closed', decision.failClosed ? failing(definition) : 'no: it happens, and a lost record is counted'],
    ...(rule?.onDuplicate ? [['once more', ONCE_MORE[rule.onDuplicate]] as const] : []),
  ];
}

function limits({ sizeLimit, fields = {} }: PolicyAnswer['decision']): Field[] {
  const ofFields = Object.entries(fields).map(([path, action]): Field => ['field', `${path}: ${action}`]);
  return sizeLimit === undefined ? ofFields : [['at most', `${sizeLimit} bytes a record`], ...ofFields];
}

/** What is kept of a record beyond what every record has. */
function holds({ record: { attributes, body } }: Written): string[] {
  const names = Object.keys(attributes).filter((name) => !name.startsWith('audit.sequence.'));
  return [...names.sort(), ...Object.keys(body ?? {}).map((name) => `body.${name}`)];
}

function ruleOnRecord({ place: { key = '' }, level, written, failClosed }: PolicyRule): string {
  const said = [level && `level ${level}`, written && `written ${written}`, failClosed && 'fail_closed'];
  return [`${key} of that policy, as it is on record`, ...said.filter(Boolean)].join('; ');
}

function origin({ hash }: Policy, { under }: Written): string {
  const policyHash = under?.hash;
  if (policyHash === undefined) return 'a policy that is not known: the first record of its stream is not there';
  return policyHash === hash
    ? `the present policy, ${hash}`
    : `another policy, ${policyHash}; this is what the present one says`;
}

function ruleText(name: string, rule: PolicyRule | undefined): string {
  if (rule) return placeText(rule);
  return name.startsWith('audit.') ? 'none: no policy changes it' : 'none: as the catalogue of events says';
}

function placeText({ place: { key = '', file, line } }: PolicyRule): string {
  return file === undefined ? key : `${key}, ${relative('', file)}:${line}`;
}

function failing(definition: EventDefinition | undefined): string {
  const what = definition?.direction === 'inbound' ? 'it is not handled' : 'it does not happen';
  const told = definition ? 'whoever brought it gets' : 'record() throws';
  return `yes: while it can't be recorded, ${what}; ${told} AuditUnavailableError`;
}

/** Rules before the one that decides, which would where the event came from elsewhere or from somebody else. */
async function othersAbout(policy: Policy, query: RuleQuery, decides: PolicyRule | undefined): Promise<PolicyRule[]> {
  const { matchesRule } = await import('@botaudit/sdk');
  const end = decides ? policy.rules.indexOf(decides) : policy.rules.length;
  return policy.rules.slice(0, end).filter((rule) => matchesRule({ ...rule, ...ANYWHERE }, query));
}

const ANYWHERE = { platform: undefined, framework: undefined, chatType: undefined, actor: undefined };

function elsewhere(rule: PolicyRule): string {
  const { platform, framework, chatType, actor } = rule;
  const where = [
    platform && `--platform ${platform.join(' or ')}`,
    framework && `--framework ${framework.join(' or ')}`,
    chatType && `--chat-type ${chatType.join(' or ')}`,
    actor && `--actor ${actor.join(' or ')}`,
  ];
  return `${placeText(rule)} decides with ${where.filter((each) => each !== undefined).join(' and ')}`;
}
