import {
  option,
  optionalOption,
  path,
  pathList,
  section,
  someOf,
  type TypeInfo,
  text,
  textMap,
} from '@botaudit/config';
import * as v from 'valibot';
import { DETECTED, FIELD_ACTIONS } from '../protection/field-action.js';

/** What is done with fields, by their paths. Each entry is checked by itself, so that what is wrong is named. */
export const fieldActions = v.pipe(
  textMap,
  v.metadata({
    type: `map of fields to ${FIELD_ACTIONS.join(' | ')}`,
    allowed: `a map of fields such as audit.reason or body.*.email to ${FIELD_ACTIONS.join(', ')}; in the environment field=action,field=action`,
    jsonSchema: { type: 'object', additionalProperties: { enum: FIELD_ACTIONS } },
  } satisfies TypeInfo),
);

/** The options of `protection`. */
export const PROTECTION_OPTIONS = section({
  detect: option(someOf(DETECTED), [], {
    env: 'BOTAUDIT_DETECT',
    description:
      'What is looked for in texts, at any depth of a body, and masked: [masked:email]. Ids that records are found by are left alone.',
  }),
  fields: option(
    fieldActions,
    {},
    {
      env: 'BOTAUDIT_FIELDS',
      description:
        'What is done with fields of all events: keep, drop, mask, pseudonym, encrypt. A path is that of an attribute, or begins with body; * is any one name in it, ** any number. The most specific path decides; a rule of the policy may say more.',
    },
  ),
  pseudonym: section({
    key: optionalOption(text, {
      env: 'BOTAUDIT_PSEUDONYM_KEY',
      otherwise: 'protection.pseudonym.key_file',
      description: 'Key of pseudonyms, <name>:<32 bytes in base64url>. Belongs into the environment, not the file.',
      secret: true,
    }),
    key_file: optionalOption(path, {
      env: 'BOTAUDIT_PSEUDONYM_KEY_FILE',
      otherwise: 'there are no pseudonyms',
      description: 'File with the key of pseudonyms; former keys may stand in further lines. See botaudit keys new.',
    }),
  }),
  encrypt: section({
    recipients: option(pathList, [], {
      env: 'BOTAUDIT_ENCRYPT_RECIPIENTS',
      description:
        'Files with the public keys of auditors (X25519 or P-256; JWK or PEM) that fields are encrypted to. #<thumbprint> after a file pins its key.',
    }),
  }),
});
