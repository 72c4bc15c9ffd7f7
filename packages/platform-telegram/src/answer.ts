import {
  type ActionResult,
  errorCode,
  errorType,
  isServerError,
  neverSent,
  read,
  readId,
  type Settlement,
} from '@botaudit/instrumentation';
import type { TelegramAction } from './actions.js';
import { messageTarget } from './ids.js';

/**
 * Reads the platform's answer to a call: `{ok, result}` or `{ok, error_code, description}`. An error made on the way
 * is known by its code or class alone: its message holds the address, and with it the bot's token.
 */
export function readAnswer(settlement: Settlement, action: TelegramAction): ActionResult {
  if (settlement.status === 'unobserved') return { outcome: 'unknown' };
  if (settlement.status === 'rejected') {
    const code = errorCode(settlement.reason);
    return { outcome: neverSent(code) ? 'failure' : 'unknown', errorType: code ?? networkErrorType(settlement.reason) };
  }
  const answer = settlement.value;
  if (read(answer, 'ok') === true) {
    return { outcome: 'success', target: action.sends ? sentMessage(answer, action) : undefined };
  }
  const [code, description] = [read(answer, 'error_code'), read(answer, 'description')];
  return {
    outcome: typeof code === 'number' && isServerError(code) ? 'unknown' : 'failure',
    errorType: readId(code) ?? 'unknown',
    errorMessage: typeof description === 'string' ? description : undefined,
  };
}

/** The message that was sent, the first where they are several; what is copied is told by its id alone. */
function sentMessage(answer: unknown, action: TelegramAction): ActionResult['target'] {
  const result = read(answer, 'result');
  const first = Array.isArray(result) ? read(result, '0') : result;
  const whole = messageTarget(first);
  if (whole) return whole;
  const id = readId(first, 'message_id');
  return id !== undefined && action.target?.id !== undefined
    ? { id: `${action.target.id}/${id}`, type: 'message' }
    : undefined;
}

/** The class of what a network error was made of says more than that of its wrapper, unless it is a plain one. */
function networkErrorType(error: unknown): string {
  const inner = read(error, 'error');
  const type = inner === undefined ? 'Error' : errorType(inner);
  return type === 'Error' ? errorType(error) : type;
}
