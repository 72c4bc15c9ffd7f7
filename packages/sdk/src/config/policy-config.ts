import type { ConfigPlace, ConfigProblem } from '@botaudit/config';
import type * as v from 'valibot';
import type { PolicyRule } from '../policy/rule.js';
import { ruleProblems } from '../policy/rule-problems.js';
import type { POLICY_OPTIONS } from './policy-options.js';

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
  const right = rules.flatMap(({ fail_closed, chat_type, size_limit, ...said }, index) => {
    const key = `policy.rules[${index}]`;
    const rule: PolicyRule = {
      ...said,
      chatType: chat_type,
      failClosed: fail_closed,
      sizeLimit: size_limit,
      place: place(key),
    };
    const found = ruleProblems(rule, (member) => place(member === undefined ? key : `${key}.${member}`));
    problems.push(...found);
    return found.length === 0 ? [rule] : [];
  });
  if (!problems.some(({ key }) => key !== undefined && /^policy\b/.test(key))) return right;
  return right.map((rule) => ({ ...rule, level: undefined, written: undefined, sizeLimit: undefined }));
}
