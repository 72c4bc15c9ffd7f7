import { expect, test } from 'vitest';
import { Policy } from '../src/policy/policy.js';
import { policyWarnings } from '../src/policy/policy-warnings.js';
import type { PolicyRule } from '../src/policy/rule.js';

const RULES = 2_000;

test('a bot does not wait for warnings longer, for each rule, the more rules there are', () => {
  let looks = 0;
  const rules = Array.from({ length: RULES }, (_, index): PolicyRule => {
    return {
      get event() {
        looks++;
        return [`payment.x${index}`];
      },
      failClosed: false,
      place: { key: `policy.rules[${index}]` },
    };
  });
  const policy = new Policy(rules);
  looks = 0;
  expect(policyWarnings(policy)).toEqual([]);
  expect(looks / RULES).toBeLessThan(500);
});

test('a rule that one before it leaves nothing to is told of, be that by a name or by the beginning of names', () => {
  const rule = (index: number, ...event: string[]): PolicyRule => ({
    event,
    failClosed: false,
    place: { key: `${index}` },
  });
  const rules = [
    rule(0, 'payment.*'),
    rule(1, 'payment.a'),
    rule(2, 'order.a'),
    rule(3, 'order.*'),
    rule(4, 'order.a'),
  ];
  expect(policyWarnings(new Policy(rules)).map(({ key }) => key)).toEqual(['1', '4']);
});
