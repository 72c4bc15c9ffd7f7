import { MCP_MODULES } from '@botaudit/instrumentation-mcp/modules';
import { METHODS, mapRequest, NOISE } from '@botaudit/platform-mcp';
import { eventDefinition } from '@botaudit/record';
import { code, heading, table } from './markdown.ts';

/** Parameters with all that identifies what a request acts upon. */
const PARAMS = { name: 'NAME', uri: 'URI', taskId: 'TASK' };

function row(method: string): string[] {
  const action = mapRequest({ method, params: PARAMS }, 'SERVER');
  if (!action) return [code(method), '–', '–', '–', '–', 'never'];
  const definition = eventDefinition(action.name);
  return [
    code(method),
    code(action.name),
    action.target?.type ?? definition?.targetType ?? '',
    code(action.target?.id ?? ''),
    definition?.risk ?? '',
    definition?.written ?? '',
  ];
}

const COLUMNS = ['request', 'event', 'target', 'its id', 'risk', 'written'];

export function mcpPage(): string {
  const versions = MCP_MODULES.map(({ module, supported }) => {
    return `${code(module)} ≥ ${supported.from} < ${supported.below}`;
  });
  return [
    heading('What is recorded of MCP', 'packages/platform-mcp/src'),
    `Of ${versions.join(', ')}, over any transport. Both sides of a connection are audited, where both have the flag: what ` +
      'one sends and the other carries out. `mcp.role` says which part a process plays, `client` or `server`; both ' +
      'sides share a trace.\n',
    'At the level `metadata` a record holds names and addresses alone: of the server, the client, the tool, the resource, ' +
      'the prompt. It holds no arguments, no results, no texts, no tokens, and no id of a session. Of an address, what stands ' +
      'before `@`, after `?` and after `#` is left out.\n',
    '## Requests\n',
    table(COLUMNS, Object.keys(METHODS).map(row)),
    '\nAny other request is `bot.api.call` too, also of a method that nobody foresaw. `SERVER` is what the server calls itself.',
    '\n## What is not audited\n',
    `Requests that open or keep a connection, or only ask what there is: ${[...NOISE].map(code).join(', ')}. Nor are ` +
      'notifications, nor requests that a side has no handler for: nothing was done.',
    '\n## How a request ends\n',
    table(
      ['what happens', 'outcome', '`error.type`'],
      [
        ['a result', 'success', ''],
        ['a result with `isError: true`', 'failure', '`tool_error`'],
        ['an error', 'failure', "JSON-RPC's code, such as `-32602`, or the class of what the handler threw"],
        ['a result that is a task', 'unknown', 'none; `mcp.task.id` names the task'],
        ['cancelled while it was waited for; `mcp.request.cancelled`', 'unknown', '`cancelled`'],
        ['carried out though it was cancelled; `mcp.request.cancelled`', 'success', ''],
        ['no answer in time', 'unknown', '`timeout`'],
        ['the connection ended before an answer', 'unknown', '`connection_closed`'],
        ['cancelled, or not connected, before it was sent', 'failure', '`cancelled`, `not_connected`'],
      ],
    ),
    '\n## Who acts\n',
    table(
      ['what the server knows of who asks', 'actor', 'type', '`bot.actor.assurance`'],
      [
        ['a user whom a token is about (`authInfo.extra`: `sub`, `subject`, `userId`)', '`mcp:user/ID`', 'user', ''],
        ['a client (`authInfo.clientId`)', '`mcp:client/ID`', 'service', ''],
        ['nothing, as over stdio', '`unknown`', 'service', ''],
        ['a client, and the user that it claims (`mcp.claimed_user`)', '`mcp:user/CLAIM`', 'user', '`peer`'],
        ['nothing but the user that is claimed (`mcp.claimed_user`)', '`unknown`', 'service', '`peer`'],
      ],
    ),
    '\n`mcp.client.id` names the client beside a user, `mcp.user.claimed` the claim. What a tool does in turn is done by the same ' +
      'actor, with the record of the call as its trigger. A client acts for whoever made it act: the person behind an ' +
      'update of a bot, `runAs`, or the service itself.',
  ].join('\n');
}
