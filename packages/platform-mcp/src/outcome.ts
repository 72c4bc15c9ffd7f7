import { type ActionResult, errorType, read, readId, type Settlement } from '@botaudit/instrumentation';

/** Codes of the SDK's own errors: nobody answered, so that it isn't known what was done. */
const UNANSWERED: ReadonlyMap<unknown, string> = new Map([
  [-32_000, 'connection_closed'],
  [-32_001, 'timeout'],
]);

/** As the conventions for MCP call it: a tool that fails answers all the same. */
const TOOL_ERROR = 'tool_error';

const CANCELLED = { 'mcp.request.cancelled': true } as const;

/** How a request that was carried out here ended. */
export function readServed(settlement: Settlement, isCancelled: boolean): ActionResult {
  const result = settlement.status === 'rejected' ? failed(settlement.reason) : answered(settlement);
  if (!isCancelled) return result;
  // What a tool that was told to stop answers says nothing of what it has done.
  if (result.outcome === 'success') return { ...result, attributes: { ...result.attributes, ...CANCELLED } };
  return { outcome: 'unknown', errorType: 'cancelled', attributes: CANCELLED };
}

/** Why a request was never sent, where that is known before. */
export type Unsent = 'cancelled' | 'not_connected';

/** How a request to the other side ended. */
export function readSent(settlement: Settlement, isCancelled: boolean, unsent: Unsent | undefined): ActionResult {
  if (settlement.status !== 'rejected') return answered(settlement);
  const attributes = isCancelled ? CANCELLED : undefined;
  if (unsent) return { outcome: 'failure', errorType: unsent, attributes };
  if (isCancelled) return { outcome: 'unknown', errorType: 'cancelled', attributes };
  const code = read(settlement.reason, 'code');
  const unanswered = UNANSWERED.get(code);
  if (unanswered !== undefined) return { outcome: 'unknown', errorType: unanswered };
  if (isCode(code)) return failed(settlement.reason);
  // The connection broke, or the answer is not understood.
  return { outcome: 'unknown', errorType: errorType(settlement.reason) };
}

function answered(settlement: Settlement): ActionResult {
  if (settlement.status !== 'fulfilled') return { outcome: 'unknown' };
  if (read(settlement.value, 'isError') === true) return { outcome: 'failure', errorType: TOOL_ERROR };
  const task = readId(settlement.value, 'task', 'taskId');
  if (task === undefined) return { outcome: 'success' };
  // Work was begun whose result is fetched later.
  return { outcome: 'unknown', attributes: { 'mcp.task.id': task } };
}

/** JSON-RPC's code where there is one, as the conventions have it. */
function failed(reason: unknown): ActionResult {
  const code = read(reason, 'code');
  return { outcome: 'failure', errorType: isCode(code) ? String(code) : errorType(reason) };
}

function isCode(code: unknown): code is number {
  return Number.isSafeInteger(code) && (code as number) < 0;
}
