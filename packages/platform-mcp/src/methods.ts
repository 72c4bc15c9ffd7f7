import { type OutboundAction, read, readId } from '@botaudit/instrumentation';
import { mcpId, type Role } from './scope.js';

/** What a request of one method is. */
export interface Method {
  /** Name from the catalogue. */
  readonly event: string;
  readonly targetType?: string | undefined;
  /** What identifies that which is acted upon, from the request's parameters. */
  readonly targetId?: ((params: unknown) => string | undefined) | undefined;
  readonly attributes?: ((params: unknown) => Readonly<Record<string, string | undefined>>) | undefined;
}

const name = (params: unknown): string | undefined => readId(params, 'name');
const resource = (params: unknown): string | undefined => withoutSecrets(read(params, 'uri'));
const task = (params: unknown): string | undefined => readId(params, 'taskId');

/** Requests with a meaning of their own. Any other, also of methods that nobody foresaw, is `bot.api.call`. */
export const METHODS: Readonly<Record<string, Method>> = {
  'tools/call': {
    event: 'mcp.tool.call',
    targetId: name,
    attributes: (params) => ({ 'gen_ai.tool.name': name(params) }),
  },
  'resources/read': { event: 'mcp.resource.read', targetId: resource },
  'resources/subscribe': { event: 'bot.api.call', targetType: 'resource', targetId: resource },
  'resources/unsubscribe': { event: 'bot.api.call', targetType: 'resource', targetId: resource },
  'prompts/get': { event: 'mcp.prompt.get', targetId: name },
  'sampling/createMessage': { event: 'agent.model.call' },
  'elicitation/create': { event: 'mcp.elicitation.create' },
  'logging/setLevel': { event: 'bot.api.call', targetType: 'log' },
  'tasks/result': { event: 'bot.api.call', targetType: 'task', targetId: task },
  'tasks/cancel': { event: 'bot.api.call', targetType: 'task', targetId: task },
};

/** Requests that open or keep a connection, or only ask what there is: not audited. */
export const NOISE: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'prompts/list',
  'roots/list',
  'completion/complete',
  'tasks/get',
  'tasks/list',
]);

const OTHER: Method = { event: 'bot.api.call' };

/**
 * What a request asks for.
 *
 * @param server what the server of the connection calls itself: tools, resources and prompts are its own.
 * @param role which part this process plays.
 * @returns `undefined` where it is none that is audited.
 */
export function mapRequest(request: unknown, server: string, role?: Role): OutboundAction | undefined {
  const method = readId(request, 'method');
  if (method === undefined || NOISE.has(method)) return undefined;
  const { event, targetType, targetId, attributes } = Object.hasOwn(METHODS, method)
    ? (METHODS[method] ?? OTHER)
    : OTHER;
  const params = read(request, 'params');
  const id = targetId?.(params);
  return {
    name: event,
    method,
    target: { id: id === undefined ? undefined : mcpId(`${server}/${id}`), type: targetType },
    attributes: { ...attributes?.(params), 'mcp.role': role },
  };
}

/** What a request's arguments are, for their hash: the same on both sides, without `_meta`. */
export function argumentsOf(request: unknown): unknown {
  return { name: read(request, 'params', 'name'), arguments: read(request, 'params', 'arguments') };
}

const MAX_ADDRESS_LENGTH = 256;

/** An address without what may hold secrets: who signs in, a query, a fragment, and all of one that holds its data. */
function withoutSecrets(uri: unknown): string | undefined {
  if (typeof uri !== 'string' || uri === '') return undefined;
  // Whoever parses an address passes over these, and takes any slashes for two after the schemes of the web.
  const plain = uri
    .replaceAll(/[\t\n\r]/g, '')
    .trim()
    .replace(/^(https?|wss?|ftp):[/\\]*/i, '$1://');
  if (/^[^a-z]*data:/i.test(plain)) return 'data:';
  const [, scheme = '', authority = '', path = ''] = /^([^/?#]*:\/\/)?([^/?#]*)([^?#]*)/.exec(plain) ?? [];
  // Without slashes it may be a mailbox: a password is what makes it somebody who signs in.
  const host =
    scheme === '' ? authority.replace(/^([^:]*:)[^:]*:.*@/, '$1') : authority.slice(authority.lastIndexOf('@') + 1);
  return `${scheme}${host}${path}`.slice(0, MAX_ADDRESS_LENGTH);
}
