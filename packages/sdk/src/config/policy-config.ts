import type { ConfigPlace, ConfigProblem } from '@botaudit/config';
import * as v from 'valibot';
import type { PolicyRule } from '../policy/rule.js';
import { ruleProblems } from '../policy/rule-problems.js';
import { PRESETS } from '../presets/presets.js';
import type { FieldActions } from '../protection/field-action.js';
import { POLICY_OPTIONS } from './policy-options.js';
import { fieldProblems } from './protection-config.js';

type PolicyValues = v.InferOutput<typeof POLICY_OPTIONS>;

/** Where the rules of presets stand; those of files have no such keys. */
const PRESET = 'preset ';

/**
 * The rules of a policy, and after them those of its preset. Where anything in it is wrong, those that are right are
 * left, and of what they say only what fails closed or is blocked: nothing is left out that would be recorded without them.
 *
 * @param problems those found so far; what is wrong with the rules is added.
 */
export function toPolicyRules(
  { rules, preset }: Pick<PolicyValues, 'rules' | 'preset'>,
  place: (key: string) => ConfigPlace,
  problems: ConfigProblem[],
): readonly PolicyRule[] {
  const right = [...rightRules(rules, place, problems), ...(preset ? presetRules(preset) : [])];
  if (!problems.some(({ key }) => key !== undefined && /^policy\b/.test(key))) return right;
  return right.map((rule) => ({
    ...rule,
    level: undefined,
    written: undefined,
    sizeLimit: undefined,
    onDuplicate: rule.onDuplicate === 'block' ? 'block' : undefined,
  }));
}

/** Whether a rule is a preset's, and stands in no file. */
export function isOfPreset({ place }: PolicyRule): boolean {
  return place.key?.startsWith(PRESET) ?? false;
}

/**
 * The rules that are on record of a policy, as `audit.policy.loaded` holds them; `undefined` where this version does not
 * understand them.
 */
export function recordedRules(rules: unknown): readonly PolicyRule[] | undefined {
  const parsed = v.safeParse(POLICY_OPTIONS, { rules });
  if (!parsed.success) return undefined;
  return parsed.output.rules.map((rule, index) => toRule(rule, { key: `rules[${index}]` }));
}

function presetRules(name: NonNullable<PolicyValues['preset']>): PolicyRule[] {
  const { rules } = v.parse(POLICY_OPTIONS, { rules: PRESETS[name].rules.map(({ rule }) => rule) });
  return rules.map((rule, index) => toRule(rule, { key: `${PRESET}${name}, rules[${index}]` }));
}

function rightRules(
  rules: PolicyValues['rules'],
  place: (key: string) => ConfigPlace,
  problems: ConfigProblem[],
): PolicyRule[] {
  return rules.flatMap((said, index) => {
    const key = `policy.rules[${index}]`;
    const rule = toRule(said, place(key));
    const found = fieldProblems(said.fields ?? {}, place(`${key}.fields`));
    if (found.length === 0)
      found.push(...ruleProblems(rule, (member) => place(member === undefined ? key : `${key}.${member}`)));
    problems.push(...found);
    return found.length === 0 ? [rule] : [];
  });
}

function toRule(values: PolicyValues['rules'][number], place: ConfigPlace): PolicyRule {
  const { fail_closed, chat_type, size_limit, on_duplicate, fields, ...said } = values;
  return {
    ...said,
    chatType: chat_type,
    failClosed: fail_closed,
    sizeLimit: size_limit,
    onDuplicate: on_duplicate,
    fields: fields as FieldActions | undefined,
    place,
  };
}
