import {
  type ActionResult,
  errorCode,
  errorType,
  isServerError,
  neverSent,
  read,
  type Settlement,
} from '@botaudit/instrumentation';
import type { SlackAction } from './actions.js';
import { readId } from './ids.js';

/** As Slack names what it refuses: `channel_not_found`. A client hands on whatever page a proxy answered in its place. */
const REFUSAL = /^[a-z][a-z0-9_:.-]{0,79}$/;
/** What Slack answers when it failed by itself. */
const OWN_FAILURE = new Set(['fatal_error', 'internal_error', 'service_unavailable', 'request_timeout']);

/** Reads the answer to a call of the Web API, or the error that its client made of one. */
export function readAnswer(settlement: Settlement, action: SlackAction, args: unknown): ActionResult {
  if (settlement.status === 'unobserved') return { outcome: 'unknown' };
  if (settlement.status === 'rejected') {
    const refusal = read(settlement.reason, 'data');
    return read(refusal, 'ok') === false ? refused(refusal) : readError(settlement.reason);
  }
  const answer = settlement.value;
  // A client's wrapper may hand on what its client would have thrown.
  if (read(answer, 'ok') === false) return refused(answer);
  // What is done with many at once was only begun: Slack says later what became of each, and to nobody here.
  const outcome = read(answer, 'bulk_action_id') === undefined ? 'success' : 'unknown';
  return { outcome, target: action.answered?.(answer, args) };
}

function refused(answer: unknown): ActionResult {
  const reason = readId(answer, 'error');
  if (reason === undefined || !REFUSAL.test(reason)) return { outcome: 'unknown', errorType: 'unknown' };
  return { outcome: OWN_FAILURE.has(reason) ? 'unknown' : 'failure', errorType: reason };
}

/**
 * Reads an error made on the way, by its codes and class alone: its message may hold addresses, and with them secrets.
 */
export function readError(error: unknown): ActionResult {
  const status = Number(readId(error, 'statusCode') ?? readId(error, 'status') ?? readId(error, 'response', 'status'));
  if (status >= 100) return { outcome: isServerError(status) ? 'unknown' : 'failure', errorType: String(status) };
  if (read(error, 'code') === 'slack_webapi_rate_limited_error')
    return { outcome: 'failure', errorType: 'ratelimited' };
  const original = read(error, 'original');
  const code = errorCode(original) ?? errorCode(error);
  // Its client says how often it tried, and only of one attempt what became of it: an earlier one may have been answered.
  const isOnly = !(Number(readId(error, 'attemptNumber')) > 1);
  const outcome = neverSent(code) && isOnly ? 'failure' : 'unknown';
  return { outcome, errorType: code ?? errorType(original ?? error) };
}
