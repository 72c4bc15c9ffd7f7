/** What may be done with a field: nothing; left out; `[masked:field]` in its place; a pseudonym; for auditors alone. */
export const FIELD_ACTIONS = ['keep', 'drop', 'mask', 'pseudonym', 'encrypt'] as const;

export type FieldAction = (typeof FIELD_ACTIONS)[number];

/** Actions by the paths of fields: of attributes (`audit.actor.id`) and of the body (`body.message.text`). */
export type FieldActions = Readonly<Record<string, FieldAction>>;

/** What is looked for in texts, where it is asked for. */
export const DETECTED = ['email', 'phone', 'iban', 'payment_card', 'ip'] as const;

/** What begins the paths of the body. */
export const BODY = 'body';

/** Ids of people and chats: a record needs them, and a pseudonym is one. */
const PSEUDONYMISED: ReadonlySet<string> = new Set(['audit.actor.id', 'audit.target.id', 'bot.chat.id']);

/** Attributes of these namespaces that say what somebody wrote, or where from: like any other field. */
const FREE: ReadonlySet<string> = new Set(['audit.reason', 'audit.source.id', 'bot.command.name', 'bot.name']);

/** What a record is found, counted, chained and told from its duplicates by. */
const OWN = /^(?:audit|bot)\./;

/** What may be done with an attribute: all that there is, but not with what a record is nothing without. */
export function allowedActions(attribute: string): readonly FieldAction[] {
  if (PSEUDONYMISED.has(attribute)) return ['keep', 'pseudonym'];
  return OWN.test(attribute) && !FREE.has(attribute) ? ['keep'] : FIELD_ACTIONS;
}

/** Why an action can't stand for a path; `undefined` when it can. A path with stars passes by what it can't be done with. */
export function fieldProblem(path: string, action: string): { problem: string; allowed: string } | undefined {
  if (!isPath(path)) {
    return {
      problem: `${JSON.stringify(path)} is no path of a field`,
      allowed:
        'names with dots between them, * for any one of them, ** for any number: audit.reason, body.*, body.**.email',
    };
  }
  if (!(FIELD_ACTIONS as readonly string[]).includes(action)) {
    return { problem: `${path}: ${JSON.stringify(action)} is no action`, allowed: FIELD_ACTIONS.join(', ') };
  }
  if (path.includes('*')) return undefined;
  const allowed = allowedActions(path);
  if (allowed.includes(action as FieldAction)) return undefined;
  return {
    problem: `${path}: ${action} is not possible: records are found and proven by it`,
    allowed: allowed.join(', '),
  };
}

function isPath(path: string): boolean {
  return path.length <= 500 && path.split('.').every((part) => part === '*' || part === '**' || /^[^*]+$/.test(part));
}
