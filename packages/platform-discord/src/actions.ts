import type { Target } from '@botaudit/api';
import { type BotScope, type OutboundAction, read, readId } from '@botaudit/instrumentation';
import { ATTR_BOT_CHAT_ID, ATTR_BOT_CHAT_TYPE } from '@botaudit/record';
import { requestContent } from './content.js';
import { discordId, target } from './ids.js';
import { message, type RouteArgs, type RouteRule } from './route-rules.js';
import { findRoute } from './route-tree.js';

/** What a request is to an auditor. */
export interface DiscordAction extends OutboundAction {
  /** What the answer describes, where it says what was acted upon. */
  readonly makes: string | undefined;
  /** What the request acts upon, for its hash: without what its address holds beside ids. */
  readonly args: unknown;
}

const METHOD = /^[A-Z]{1,8}$/;

/**
 * Maps a request to the event that it is. Never throws, whatever it looks like.
 *
 * @param request as `@discordjs/rest` takes them: `{method, fullRoute, body, reason, …}`.
 * @returns `undefined` for what is no action, such as looking for the gateway.
 */
export function mapRequest(request: unknown, bot: BotScope): DiscordAction | undefined {
  const method = readId(request, 'method')?.toUpperCase() ?? 'GET';
  const { name, rule, ids } = findRoute(METHOD.test(method) ? method : 'GET', pathOf(request));
  if (!rule) return undefined;
  const args: RouteArgs = { ids, body: read(request, 'body') };
  const details = {
    ...(ids.guild !== undefined && { guild: discordId(ids.guild) }),
    ...rule.details?.(args),
  };
  return {
    name: typeof rule.event === 'function' ? rule.event(args) : rule.event,
    action: typeof rule.action === 'function' ? rule.action(args) : rule.action,
    method: name,
    target: targetOf(rule, args, bot),
    makes: rule.makes,
    reason: reasonOf(request),
    args: { ...args, files: read(request, 'files') },
    attributes: {
      [ATTR_BOT_CHAT_ID]: ids.channel ?? ids.guild,
      [ATTR_BOT_CHAT_TYPE]: ids.channel === undefined && ids.guild !== undefined ? 'guild' : undefined,
    },
    body: Object.keys(details).length > 0 ? details : undefined,
    content: () => requestContent(request),
  };
}

function pathOf(request: unknown): string {
  const route = read(request, 'fullRoute');
  return typeof route === 'string' ? route : '';
}

/** What a rule says, else the last thing that the route names, else the bot itself. */
function targetOf(rule: RouteRule, args: RouteArgs, bot: BotScope): Target {
  const { ids } = args;
  const last = Object.keys(ids).at(-1);
  return (
    rule.target?.(args) ??
    (last === 'message' ? message(args) : undefined) ??
    (last === undefined ? undefined : target(last, ids[last])) ?? { id: bot.id }
  );
}

/** Discord's own limit. */
const MAX_REASON = 512;

/** What is to stand in the guild's audit log as the reason, said as an option or as a header. */
function reasonOf(request: unknown): string | undefined {
  const given = read(request, 'reason') ?? headerOf(request);
  return typeof given === 'string' && given !== '' ? given.slice(0, MAX_REASON) : undefined;
}

function headerOf(request: unknown): string | undefined {
  const header = read(request, 'headers', 'X-Audit-Log-Reason');
  if (typeof header !== 'string') return undefined;
  try {
    return decodeURIComponent(header);
  } catch {
    // Not encoded as it should be.
    return header;
  }
}
