import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowedActions, type FieldActions, fieldProblem } from '../src/protection/field-action.js';
import { FieldRules } from '../src/protection/field-rules.js';

/** What is done with the field at `path`. */
function actionOf(path: string, general: FieldActions, own?: FieldActions) {
  return path.split('.').reduce(FieldRules.member, new FieldRules(general, own).root).action;
}

describe('of rules that are about a field, the most specific decides', () => {
  it.each<[string, string, FieldActions, FieldActions?]>([
    ['keep', 'body.text', { 'body.*': 'drop', 'body.text': 'keep' }],
    ['drop', 'body.other', { 'body.*': 'drop', 'body.text': 'keep' }],
    ['mask', 'body.a.b.email', { 'body.**.email': 'mask', 'body.**': 'drop' }],
    ['mask', 'body.email', { 'body.**.email': 'mask' }],
    ['encrypt', 'body.a.email', { 'body.**.email': 'mask', 'body.*.email': 'encrypt' }],
    ['drop', 'body.message.from.id', { 'body.message': 'drop' }],
    ['keep', 'body.message.from.id', { 'body.message': 'drop', 'body.message.from.id': 'keep' }],
    ['mask', 'bot.chat.title', { 'bot.chat.*': 'mask' }],
    ['drop', 'body.text', { 'body.text': 'keep' }, { '**': 'drop' }],
    ['keep', 'body.text', { 'body.text': 'keep' }, { 'body.other': 'drop' }],
  ])('%s for %s', (action, path, general, own) => expect(actionOf(path, general, own)).toBe(action));

  it('and none where none is about it', () => {
    expect(actionOf('body.text', { 'body.other': 'drop', 'body.*.text': 'drop' })).toBeUndefined();
    expect(actionOf('body.constructor', { 'body.other': 'drop' })).toBeUndefined();
  });

  it('whatever stands in paths: a rule for exactly this field is found', () => {
    const path = fc.array(fc.constantFrom('a', 'b', 'constructor', '__proto__', '*', '**'), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        fc.array(path, { maxLength: 8 }),
        fc.array(fc.constantFrom('a', 'b', '__proto__'), { minLength: 1 }),
        (paths, field) => {
          const noise = paths.map((parts) => [parts.join('.'), 'mask'] as const).filter(([key]) => key !== '__proto__');
          const general: FieldActions = {
            ...Object.fromEntries(noise),
            ...Object.fromEntries([[field.join('.'), 'drop']]),
          };
          if (field.join('.') !== '__proto__') expect(actionOf(field.join('.'), general)).toBe('drop');
        },
      ),
    );
  });
});

describe('what a record is found and proven by', () => {
  it.each([
    'audit.record.id',
    'audit.action',
    'audit.outcome',
    'audit.sequence.number',
    'bot.id',
    'bot.update.id',
    'audit.integrity.value',
  ])('%s stays', (path) => {
    expect(allowedActions(path)).toEqual(['keep']);
    expect(fieldProblem(path, 'drop')?.problem).toContain(`${path}: drop is not possible`);
  });

  it.each(['audit.actor.id', 'audit.target.id', 'bot.chat.id'])(
    '%s may have a pseudonym, and is never dropped',
    (path) => {
      expect(fieldProblem(path, 'pseudonym')).toBeUndefined();
      expect(fieldProblem(path, 'drop')?.allowed).toBe('keep, pseudonym');
    },
  );

  it('is told when a path or an action is none', () => {
    expect(fieldProblem('body..text', 'drop')?.problem).toContain('is no path');
    expect(fieldProblem('body.te*t', 'drop')?.problem).toContain('is no path');
    expect(fieldProblem('body.text', 'delete')).toEqual({
      problem: 'body.text: "delete" is no action',
      allowed: 'keep, drop, mask, pseudonym, encrypt',
    });
  });
});
