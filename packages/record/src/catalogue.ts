import type { Direction, Risk, Written } from './model.js';

/** What is known of an event by its name alone. */
export interface EventDefinition {
  /** Upper-case verb for `audit.action`. An emitter that knows a more exact one may state it. */
  readonly verb: string;
  /** What is acted upon: the default for `audit.target.type`. */
  readonly targetType: string;
  readonly risk: Risk;
  readonly direction: Direction;
  /** Which records the event leaves, and when, unless a policy says otherwise. */
  readonly written: Written;
  /** One line for a reader. */
  readonly description: string;
}

type Define = (verb: string, targetType: string, description: string) => EventDefinition;

const define =
  (direction: Direction, risk: Risk, written: Written): Define =>
  (verb, targetType, description) => ({ verb, targetType, risk, direction, written, description });

const audit = { low: define('audit', 'low', 'outcome'), medium: define('audit', 'medium', 'outcome') };
const seen = { low: define('observed', 'low', 'outcome'), medium: define('observed', 'medium', 'outcome') };
const low = define('outbound', 'low', 'outcome');
const medium = define('outbound', 'medium', 'outcome');
/** Moderation of members, roles, payments, tool execution, settings, webhooks: a record before and a record after. */
const high = define('outbound', 'high', 'attempt-and-outcome');
const received = define('inbound', 'low', 'receipt');
const causing = define('inbound', 'low', 'caused');

/**
 * Every event with a meaning of its own. Reference pages, policy defaults, metrics and dashboards derive from this
 * table; an application's own events have any other name.
 */
export const CATALOGUE = {
  // The stream and the pipeline.
  'audit.stream.opened': audit.low(
    'START',
    'stream',
    'A stream of records begins; names the streams that ended before it.',
  ),
  'audit.stream.closed': audit.low('STOP', 'stream', 'A stream ended gracefully; nothing follows this record.'),
  'audit.stream.recovered': audit.low(
    'RECOVER',
    'stream',
    'The stream of a process that died was adopted and shipped.',
  ),
  'audit.checkpoint': audit.low('CREATE', 'checkpoint', 'A signed checkpoint of the tips of streams was made.'),
  'audit.heartbeat': audit.low('CREATE', 'heartbeat', 'Auditing is alive; carries counts and the offset of the clock.'),
  'audit.canary': audit.low(
    'CREATE',
    'canary',
    'Written to see that the whole way of a record works; tells of nothing else.',
  ),
  'audit.policy.loaded': audit.low('UPDATE', 'policy', 'A policy took effect: what is kept of which event.'),
  'audit.config.invalid': audit.medium(
    'REJECT',
    'config',
    'The configuration is wrong: the policy from before stays in force or, at the start, what is safe.',
  ),
  'audit.records.lost': audit.medium('DELETE', 'record', 'Records could not be written; carries how many, and why.'),
  'audit.actions.refused': audit.medium(
    'REJECT',
    'event',
    'What a policy forbids to go unrecorded did not happen; carries what, how often, and why.',
  ),
  'audit.retention.applied': audit.medium(
    'DELETE',
    'segment',
    'Journal segments were removed to keep within the limits.',
  ),
  'audit.paused': audit.medium('STOP', 'audit', 'Auditing was paused.'),
  'audit.resumed': audit.low('START', 'audit', 'Auditing went on after a pause.'),

  // Access to the log.
  'audit.log.read': audit.low('READ', 'log', 'Somebody read audit records.'),
  'audit.log.export': audit.medium('EXPORT', 'log', 'Somebody exported audit records.'),
  'audit.log.decrypt': audit.medium('READ', 'log', 'Somebody decrypted protected values of audit records.'),
  'audit.key.created': audit.medium('CREATE', 'key', 'A key for signing or protection was created.'),
  'audit.key.rotated': audit.medium('UPDATE', 'key', 'A key for signing or protection was replaced by a new one.'),
  'audit.claim.released': audit.medium(
    'DELETE',
    'claim',
    'Somebody let go of a claim: what it kept from happening twice may happen again.',
  ),

  // The life of a bot.
  'bot.started': seen.low('START', 'bot', 'A bot began to take updates.'),
  'bot.stopping': seen.low('STOP', 'bot', 'A bot was told to stop; what it still does is recorded.'),
  'bot.stopped': seen.low('STOP', 'bot', 'A bot takes no more updates.'),
  'bot.connected': seen.low('START', 'connection', 'A bot is connected to its platform.'),
  'bot.disconnected': seen.low('STOP', 'connection', 'A bot lost or closed the connection to its platform.'),
  'bot.crashed': seen.medium('STOP', 'bot', 'A bot ended by an error that nothing handled.'),

  // Inbound: what people and platforms ask of a bot.
  'bot.command': received('EXECUTE', 'command', 'A person gave a command.'),
  'bot.message': causing('SEND', 'message', 'A person wrote a message that made the bot act, or fail.'),
  'bot.callback': received('EXECUTE', 'callback', 'A person pressed a button or used another interactive element.'),
  'bot.event': received('UPDATE', 'chat', 'Something else happened that a bot was told: a join, a role, a payment.'),
  'bot.activity': causing('UPDATE', 'chat', 'Something slighter that made the bot act, or fail: a reaction, a vote.'),
  'bot.handler.error': seen.medium('EXECUTE', 'handler', 'The handling of something inbound failed.'),

  // Outbound: what a bot does on its platform.
  'bot.message.send': low('SEND', 'message', 'A message was sent, forwarded or copied.'),
  'bot.message.edit': low('UPDATE', 'message', 'A message was changed.'),
  'bot.message.delete': medium('DELETE', 'message', 'A message was deleted.'),
  'bot.message.pin': low('UPDATE', 'message', 'A message was pinned.'),
  'bot.message.unpin': low('UPDATE', 'message', 'One or all messages were unpinned.'),
  'bot.message.react': low('UPDATE', 'message', 'Reactions to messages were set or removed.'),
  'bot.message.approve': medium('APPROVE', 'message', 'A message that somebody suggested was approved.'),
  'bot.message.reject': medium('REJECT', 'message', 'A message that somebody suggested was declined.'),
  'bot.query.answer': low('SEND', 'query', 'A button press, an inline query or the like was answered.'),
  'bot.member.ban': high('BAN', 'user', 'A member was banned.'),
  'bot.member.unban': high('UNBAN', 'user', 'The ban of a member was lifted.'),
  'bot.member.kick': high('KICK', 'user', 'A member was removed, free to come back.'),
  'bot.member.mute': high('MUTE', 'user', 'A member was restricted in what they may do.'),
  'bot.member.unmute': high('UNMUTE', 'user', 'The restrictions of a member were lifted.'),
  'bot.member.invite': medium('INVITE', 'user', 'Somebody was invited, or an invitation was made, changed or revoked.'),
  'bot.member.approve': high('APPROVE', 'user', 'A request to join was granted.'),
  'bot.member.reject': high('REJECT', 'user', 'A request to join was declined.'),
  'bot.role.grant': high('GRANT', 'user', 'A member was given a role or rights.'),
  'bot.role.revoke': high('REVOKE', 'user', 'A role or rights were taken from a member.'),
  'bot.role.update': high('UPDATE', 'role', 'A role was created, changed or deleted.'),
  'bot.channel.create': medium('CREATE', 'channel', 'A channel, group, topic or thread was created.'),
  'bot.channel.update': medium('UPDATE', 'channel', 'A channel, group, topic or thread was changed.'),
  'bot.channel.delete': medium('DELETE', 'channel', 'A channel, group, topic or thread was deleted.'),
  'bot.channel.leave': medium('LEAVE', 'channel', 'A bot left a channel or group.'),
  'bot.file.upload': low('CREATE', 'file', 'A file was uploaded to the platform.'),
  'bot.file.share': medium('SHARE', 'file', 'A file was shared or made public, or its sharing was ended.'),
  'bot.file.delete': medium('DELETE', 'file', 'A file was deleted from the platform.'),
  'bot.payment.invoice': high('CREATE', 'invoice', 'An invoice, or a link to one, was made or sent.'),
  'bot.payment.shipping': high('UPDATE', 'payment', 'Shipping options and their prices were offered to a payer.'),
  'bot.payment.approve': high('APPROVE', 'payment', 'A payment was confirmed before it is charged.'),
  'bot.payment.reject': high('REJECT', 'payment', 'A payment, or its shipping, was refused before it is charged.'),
  'bot.payment.send': high('SEND', 'payment', 'Money or stars were paid out or spent.'),
  'bot.payment.gift': high('SEND', 'gift', 'A gift that costs money or stars was given.'),
  'bot.payment.transfer': high('TRANSFER', 'payment', 'Stars, gifts or a balance passed to another owner.'),
  'bot.payment.convert': high('CONVERT', 'payment', 'Something of value was turned into another: a gift into stars.'),
  'bot.payment.refund': high('REFUND', 'payment', 'A payment was given back.'),
  'bot.payment.subscription': high('UPDATE', 'subscription', 'A paid subscription was created, changed or cancelled.'),
  'bot.settings.update': high('UPDATE', 'settings', 'Settings of a bot, an account or an application were changed.'),
  'bot.webhook.set': high('UPDATE', 'webhook', 'Where a platform delivers updates was set or removed.'),
  'bot.api.call': low('EXECUTE', 'method', 'Any other call of a platform API.'),

  // Agents.
  'agent.run': medium('EXECUTE', 'agent', 'An agent worked on a task.'),
  'agent.tool.call': high('EXECUTE', 'tool', 'An agent ran a tool.'),
  'agent.model.call': low('EXECUTE', 'model', 'A language model was asked.'),
  'mcp.tool.call': high('EXECUTE', 'tool', 'A tool was run over MCP.'),
  'mcp.resource.read': low('READ', 'resource', 'A resource was read over MCP.'),
  'mcp.prompt.get': low('READ', 'prompt', 'A prompt was fetched over MCP.'),
  'mcp.elicitation.create': low('READ', 'user', 'A server asked a person for something, over MCP.'),

  // Side effects, seen through spans.
  'bot.http.request': seen.low('EXECUTE', 'url', 'A request went to another service.'),
  'bot.db.write': seen.medium('UPDATE', 'database', 'A database was written to.'),
  'bot.queue.publish': seen.low('SEND', 'queue', 'A message was put into a queue.'),
  'bot.file.write': seen.medium('UPDATE', 'file', 'A file was written.'),
  'bot.process.spawn': seen.medium('EXECUTE', 'process', 'A process was started.'),
} as const satisfies Readonly<Record<string, EventDefinition>>;

/** The name of an event of the catalogue. */
export type EventName = keyof typeof CATALOGUE;

/** The catalogue's entry for `name`; `undefined` for an application's own event. */
export function eventDefinition(name: string): EventDefinition | undefined {
  return Object.hasOwn(CATALOGUE, name) ? CATALOGUE[name as EventName] : undefined;
}
