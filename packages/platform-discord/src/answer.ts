import {
  type ActionResult,
  errorCode,
  errorType,
  isServerError,
  neverSent,
  read,
  readId,
  readList,
  type Settlement,
} from '@botaudit/instrumentation';
import type { DiscordAction } from './actions.js';
import { discordId, messageTarget, readSnowflake } from './ids.js';

const CLIENT_ERROR = 400;
const RATE_LIMITED = '429';

/**
 * Reads how a request ended: what Discord answered, or the error that `@discordjs/rest` made of it. Of what Discord says
 * against a request only the summary is kept: what stands with each field repeats what was sent. An error made on the
 * way is known by its code or class alone: its message may hold the address, and with it a token.
 */
export function readAnswer(settlement: Settlement, action: DiscordAction): ActionResult {
  if (settlement.status === 'unobserved') return { outcome: 'unknown' };
  if (settlement.status === 'fulfilled') return carriedOut(settlement.value, action);
  const error = settlement.reason;
  const status = read(error, 'status');
  if (typeof status === 'number' && status >= CLIENT_ERROR) {
    const code = readId(error, 'code');
    const said = read(error, 'rawError', 'message');
    return {
      outcome: isServerError(status) ? 'unknown' : 'failure',
      // 0 says nothing more exact than the status does.
      errorType: code !== undefined && /^[1-9]\d*$/.test(code) ? code : String(status),
      errorMessage: typeof said === 'string' ? said : undefined,
    };
  }
  // Its own way to say that a rate limit was met, where the bot does not want to wait.
  if (typeof read(error, 'timeToReset') === 'number') return { outcome: 'failure', errorType: RATE_LIMITED };
  const code = errorCode(error);
  return { outcome: neverSent(code) ? 'failure' : 'unknown', errorType: code ?? errorType(error) };
}

/** Of many at once some may have been spared: the record names all of them, so none of them is said to be done. */
function carriedOut(answer: unknown, action: DiscordAction): ActionResult {
  if (readList(answer, ['failed_users'], 1).length > 0) return { outcome: 'unknown', errorType: 'partial' };
  return { outcome: 'success', target: made(answer, action) };
}

/** What was made or changed, as the answer describes it; an answer to an interaction holds the message within. */
function made(answer: unknown, { makes }: DiscordAction): ActionResult['target'] {
  if (makes === undefined) return undefined;
  const id = readSnowflake(answer, 'id');
  if (makes !== 'message') return id === undefined ? undefined : { id: discordId(id), type: makes };
  const message = read(answer, 'resource', 'message') ?? answer;
  return messageTarget(readSnowflake(message, 'channel_id'), readSnowflake(message, 'id'));
}
