import type { ConfigPlace, ConfigProblem } from '@botaudit/config';
import type * as v from 'valibot';
import type { PolicyRule } from '../policy/rule.js';
import { type FieldActions, fieldProblem } from '../protection/field-action.js';
import type { PROTECTION_OPTIONS } from './protection-options.js';

/** What is done with what may be personal or confidential, beyond the removal of secrets. */
export interface ProtectionConfig {
  /** Kinds that are looked for in texts. */
  readonly detect: readonly string[];
  readonly fields: FieldActions;
  readonly pseudonym: {
    /** A secret. */
    readonly key: string | undefined;
    readonly keyFile: string | undefined;
  };
  readonly encrypt: { readonly recipients: readonly string[] };
}

/**
 * The configuration of protection. What is wrong with a field is named; where it is not wanted that this stops the start,
 * the field is masked.
 *
 * @param rules of the policy: their fields need keys as well.
 * @param problems those found so far; what is wrong is added.
 */
export function toProtection(
  { detect, fields, pseudonym, encrypt }: v.InferOutput<typeof PROTECTION_OPTIONS>,
  rules: readonly PolicyRule[],
  place: (key: string) => ConfigPlace,
  problems: ConfigProblem[],
): ProtectionConfig {
  const found = fieldProblems(fields, place('protection.fields'));
  problems.push(...found);
  if (pseudonym.key !== undefined && pseudonym.key_file !== undefined) {
    problems.push({
      ...place('protection.pseudonym.key'),
      problem: 'stands beside protection.pseudonym.key_file',
      allowed: 'one of the two',
    });
  }
  const said = [
    { fields: fields as FieldActions, place: place('protection.fields') },
    ...rules.flatMap(({ fields, place }) => (fields ? [{ fields, place }] : [])),
  ];
  const needs = (action: string) => said.find((each) => Object.values(each.fields).some((other) => other === action));
  const unnamed = needs('pseudonym');
  if (unnamed && pseudonym.key === undefined && pseudonym.key_file === undefined) {
    problems.push({
      ...unnamed.place,
      problem: 'asks for pseudonyms, and there is no key to make them',
      allowed: 'protection.pseudonym.key_file, a file that botaudit keys new pseudonym writes',
    });
  }
  const unread = needs('encrypt');
  if (unread && encrypt.recipients.length === 0) {
    problems.push({
      ...unread.place,
      problem: 'asks for encryption, and there is nobody to encrypt to',
      allowed: 'protection.encrypt.recipients, files with public keys that botaudit keys new encryption writes',
    });
  }
  return {
    detect,
    // Of what could not be understood nothing is shown.
    fields: found.length === 0 ? (fields as FieldActions) : maskedWhereWrong(fields),
    pseudonym: { key: pseudonym.key, keyFile: pseudonym.key_file },
    encrypt,
  };
}

/** What is wrong with a map of fields. */
export function fieldProblems(fields: Readonly<Record<string, string>>, place: ConfigPlace): ConfigProblem[] {
  return Object.entries(fields).flatMap(([path, action]) => {
    const problem = fieldProblem(path, action);
    return problem ? [{ ...place, ...problem }] : [];
  });
}

function maskedWhereWrong(fields: Readonly<Record<string, string>>): FieldActions {
  return Object.fromEntries(
    Object.entries(fields).map(([path, action]) => [path, fieldProblem(path, action) ? 'mask' : action]),
  ) as FieldActions;
}
