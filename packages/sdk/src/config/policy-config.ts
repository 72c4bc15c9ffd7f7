import type { ConfigPlace, ConfigProblem } from '@botaudit/config';
import type * as v from 'valibot';
import type { PolicyRule } from '../policy/rule.js';
import { ruleProblems } from '../policy/rule-problems.js';
import type { FieldActions } from '../protection/field-action.js';
import type { POLICY_OPTIONS } from './policy-options.js';
import { fieldProblems } from './protection-config.js';

/**
 * The rules of a policy. Where anything in it is wrong, those that are right are left, and of what they say only what
 * fails closed: nothing is left out that would be recorded without them.
 *
 * @param problems those found so far; what is wrong with the rules is added.
 */
export function toPolicyRules(
  { rules }: v.InferOutput<typeof POLICY_OPTIONS>,
  place: (key: string) => ConfigPlace,
  problems: ConfigProblem[],
): readonly PolicyRule[] {
  const right = rules.flatMap(({ fail_closed, fields, ...said }, index) => {
    const key = `policy.rules[${index}]`;
    const rule: PolicyRule = {
      ...said,
      fields: fields as FieldActions | undefined,
      failClosed: fail_closed,
      place: place(key),
    };
    const found = fieldProblems(fields ?? {}, place(`${key}.fields`));
    if (found.length === 0)
      found.push(...ruleProblems(rule, (member) => place(member === undefined ? key : `${key}.${member}`)));
    problems.push(...found);
    return found.length === 0 ? [rule] : [];
  });
  if (!problems.some(({ key }) => key !== undefined && /^policy\b/.test(key))) return right;
  return right.map((rule) => ({ ...rule, level: undefined, written: undefined }));
}
