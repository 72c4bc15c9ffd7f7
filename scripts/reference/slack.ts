import { SLACK_BOLT_MODULES } from '@botaudit/instrumentation-slack-bolt/modules';
import { EVENTS, INTERACTIONS, METHODS, mapAck, mapBody, mapCall, mapRespond } from '@botaudit/platform-slack';
import { eventDefinition } from '@botaudit/record';
import { code, heading, table } from './markdown.ts';

const BOT = { id: 'slack:<bot>', platform: 'slack', framework: '', attributes: {} };

const WHERE: Readonly<Record<string, readonly [string, string]>> = {
  '@slack/bolt': ['`App.processEvent`', '`respond` and `ack` of listeners; the rest in its client'],
  '@slack/web-api': ['–', '`WebClient.apiCall`, in which every method ends'],
};

/** Arguments with every id that a method may act upon. */
const EVERY_ID = Object.fromEntries(
  [
    ...[
      'channel',
      'user',
      'user_id',
      'user_ids',
      'ts',
      'timestamp',
      'thread_ts',
      'usergroup',
      'usergroup_id',
      'team_id',
    ],
    ...['app_id', 'file', 'canvas_id', 'list_id', 'id', 'reminder', 'barrier_id', 'invite_id', 'invite_request_id'],
    ...['name', 'policy_name', 'role_id', 'workflow_ids', 'function_execution_id', 'view_id', 'scheduled_message_id'],
    ...['group_id', 'external_id', 'function_ids', 'workflow_step_edit_id', 'workflow_step_execute_id'],
  ].map((name) => [name, 'X1']),
);

function methodRow(method: string): string[] {
  const action = mapCall(method, EVERY_ID, BOT);
  if (!action) return [code(method), '–', '–', '–', '–', 'never: it is no action'];
  const definition = eventDefinition(action.name);
  const target = action.answered?.({ ok: true, channel: 'C1', ts: '1.2' }, EVERY_ID) ?? action.target;
  return [
    code(method),
    code(action.name),
    action.action ?? definition?.verb ?? '',
    target?.type ?? 'bot',
    definition?.risk ?? '',
    definition?.written ?? '',
  ];
}

function inboundRow(type: string, ...bodies: readonly object[]): string[] {
  const events = bodies.map((body) => mapBody(body));
  const each = (of: readonly string[]) => [...new Set(of)].join(', ');
  const verbs = events.map(({ name, action }) => action ?? eventDefinition(name)?.verb ?? '');
  const written = events.map(({ name }) => eventDefinition(name)?.written ?? '');
  return [code(type), each(events.map(({ name }) => code(name))), each(verbs), each(written)];
}

const example = (type: string): object => (type === 'slash_command' ? { command: '/x' } : { type });

/** What apps answer with beside the methods: with what it says, of something with a message. */
const REPLIES: readonly (readonly [string, string | undefined])[] = [
  ['`respond`', mapRespond('x', {}).name],
  ['`respond` with `replace_original`', mapRespond({ replace_original: true }, {}).name],
  ['`respond` with `delete_original`', mapRespond({ delete_original: true }, {}).name],
  ['`ack` that says something, of a command', mapAck('x', { command: '/x' })?.name],
  ['`ack` that says something, of anything else', mapAck('x', {})?.name],
  ['`ack` that says nothing', mapAck(undefined, {})?.name],
];

/** Methods of which no event says more than that they were called, and that they change something. */
function plainCalls(): string[] {
  return Object.keys(METHODS).filter((method) => {
    const action = mapCall(method, {}, BOT);
    return action?.name === 'bot.api.call' && action.action !== 'READ';
  });
}

export function slackPage(): string {
  return [
    heading('What is recorded of Slack', 'packages/platform-slack/src'),
    'At the level `metadata`, a record holds ids: of the person, the bot, the channel, the thread, the message, the event, ' +
      'the workspace and organization, the app, the button or view as the app calls it, and what else the method acts ' +
      'upon. It holds no text, no names of people, no other argument, and never a token, a trigger or a response URL.\n',
    '## Where it is seen\n',
    table(
      ['module', 'versions', 'what reaches apps', 'what they do'],
      SLACK_BOLT_MODULES.map(({ module, supported }) => [
        code(module),
        `≥ ${supported.from} < ${supported.below}`,
        ...(WHERE[module] ?? []),
      ]),
    ),
    '\nOver HTTP (`HTTPReceiver`, `ExpressReceiver`), Socket Mode (`SocketModeReceiver`), on AWS Lambda ' +
      '(`AwsLambdaReceiver`: tested with events made from requests, not within AWS, which freezes a process between two ' +
      'events), and in apps that are installed by OAuth.',
    '\n## Events\n',
    'What the Events API tells, over HTTP or Socket Mode. What is delivered again has the same `bot.update.id`. A message ' +
      'that tells of a change (a join, a topic) is `bot.event`; one that was changed is `bot.message` with the verb ' +
      '`UPDATE`, one that was deleted `bot.activity`.\n',
    table(
      ['event', 'recorded as', 'verb', 'written'],
      Object.keys(EVENTS).map((type) => inboundRow(type, { event: { type } }, { event: { type, inviter: 'U1' } })),
    ),
    '\n## Commands and interactions\n',
    table(
      ['payload', 'recorded as', 'verb', 'written'],
      Object.keys(INTERACTIONS).map((type) => inboundRow(type, example(type))),
    ),
    '\n## Answers\n',
    'How an `ack` ended is never told by Slack: its outcome is `unknown`, with `bot.api.webhook_reply`.\n',
    table(
      ['answer', 'recorded as'],
      REPLIES.map(([what, name]) => [what, name === undefined ? '–' : code(name)]),
    ),
    '\n## Methods\n',
    'However often a client tries a call again, it is one action; each page of a list is a call. A file that is uploaded ' +
      'leaves records of the two methods that this takes.\n',
    table(['method', 'recorded as', 'verb', 'target', 'risk', 'written'], Object.keys(METHODS).map(methodRow)),
    '\n## What has no event of its own\n',
    `These change something that the catalogue has no event for, and are recorded as \`bot.api.call\`: ${plainCalls().map(code).join(', ')}. ` +
      'So are calls that only read, with the verb `READ`.',
    '\nA method or event that is newer than these tables is recorded all the same, as `bot.api.call` or `bot.activity`.',
  ].join('\n');
}
