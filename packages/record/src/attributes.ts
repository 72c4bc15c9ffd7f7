/**
 * The names of attributes: `audit.*` as the OpenTelemetry Audit Logging draft has them, `bot.*` as this project's own
 * namespace, and those of the semantic conventions that records use.
 */

// Mandatory (draft, data-model.md).
export const ATTR_AUDIT_RECORD_ID = 'audit.record.id';
export const ATTR_AUDIT_ACTOR_ID = 'audit.actor.id';
export const ATTR_AUDIT_ACTOR_TYPE = 'audit.actor.type';
export const ATTR_AUDIT_ACTION = 'audit.action';
export const ATTR_AUDIT_OUTCOME = 'audit.outcome';

// Optional audit attributes.
export const ATTR_AUDIT_TARGET_ID = 'audit.target.id';
export const ATTR_AUDIT_TARGET_TYPE = 'audit.target.type';
export const ATTR_AUDIT_SOURCE_ID = 'audit.source.id';
export const ATTR_AUDIT_SOURCE_TYPE = 'audit.source.type';
export const ATTR_AUDIT_REASON = 'audit.reason';
export const ATTR_AUDIT_SEQUENCE_STREAM_ID = 'audit.sequence.stream_id';
export const ATTR_AUDIT_SEQUENCE_NUMBER = 'audit.sequence.number';
export const ATTR_AUDIT_SEQUENCE_PREVIOUS_HASH = 'audit.sequence.previous_hash';
export const ATTR_AUDIT_SEQUENCE_END = 'audit.sequence.end';

// This project's own namespace.
export const ATTR_BOT_ID = 'bot.id';
export const ATTR_BOT_NAME = 'bot.name';
export const ATTR_BOT_PLATFORM = 'bot.platform';
export const ATTR_BOT_FRAMEWORK = 'bot.framework';
export const ATTR_BOT_ACTOR_ASSURANCE = 'bot.actor.assurance';
export const ATTR_BOT_UPDATE_ID = 'bot.update.id';
export const ATTR_BOT_UPDATE_TYPE = 'bot.update.type';
export const ATTR_BOT_CHAT_ID = 'bot.chat.id';
export const ATTR_BOT_CHAT_TYPE = 'bot.chat.type';
export const ATTR_BOT_THREAD_ID = 'bot.thread.id';
export const ATTR_BOT_COMMAND_NAME = 'bot.command.name';
export const ATTR_BOT_API_METHOD = 'bot.api.method';
/** On an action that was handed to the platform as the answer to its request: how it ended is never told. */
export const ATTR_BOT_API_WEBHOOK_REPLY = 'bot.api.webhook_reply';
export const ATTR_BOT_ACTION_DURATION = 'bot.action.duration';
export const ATTR_BOT_ACTION_ARGUMENTS_HASH = 'bot.action.arguments_hash';
export const ATTR_BOT_ACTION_STAGE = 'bot.action.stage';
export const ATTR_BOT_ACTION_ATTEMPT_RECORD_ID = 'bot.action.attempt.record_id';
export const ATTR_BOT_TRIGGER_RECORD_ID = 'bot.trigger.record_id';
/** What this update or action repeats was already carried out, or nobody knows whether it was. */
export const ATTR_BOT_DUPLICATE = 'bot.duplicate';
export const ATTR_BOT_DUPLICATE_OF = 'bot.duplicate.of';
/** Keyed hash of the key by which an application says what is the same. */
export const ATTR_BOT_ACTION_KEY_HASH = 'bot.action.key_hash';
export const ATTR_BOT_TRUNCATED = 'bot.truncated';
export const ATTR_BOT_CLOCK_HELD = 'bot.clock.held';

// Semantic conventions.
export const ATTR_ERROR_TYPE = 'error.type';
export const ATTR_ERROR_MESSAGE = 'error.message';
