import type { Update, WebhookInfo } from 'grammy/types';
import type { Call, Handlers } from '../call.ts';
import { badRequest, conflict } from '../errors.ts';
import type { UpdateType } from '../types.ts';

/** How long a poll may wait at most, in seconds. */
const MAX_POLL_SECONDS = 50;

function allow({ bot, args }: Call): void {
  const types = args.json<string[]>('allowed_updates');
  if (types) bot.queue.allow(types);
}

/** How a bot gets its updates, and who it is. */
export const updateMethods: Handlers<
  'getUpdates' | 'setWebhook' | 'deleteWebhook' | 'getWebhookInfo' | 'getMe' | 'logOut' | 'close'
> = {
  getUpdates(call): Promise<Update[]> {
    const { world, bot, args, signal } = call;
    if (bot.webhook) {
      throw conflict(
        "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    }
    allow(call);
    const updates = bot.queue.poll({
      offset: args.integer('offset') ?? 0,
      limit: Math.min(Math.max(args.integer('limit') ?? 100, 1), 100),
      timeoutSeconds: Math.min(Math.max(args.integer('timeout') ?? 0, 0), MAX_POLL_SECONDS),
      signal,
    });
    world.signal.notify();
    return updates;
  },

  setWebhook(call) {
    const { bot, args, world } = call;
    const url = args.text('url');
    if (args.flag('drop_pending_updates')) bot.queue.clear();
    if (url === '') {
      bot.webhook = undefined;
      world.signal.notify();
      return true;
    }
    if (!URL.canParse(url)) throw badRequest('invalid webhook URL specified');
    const secret = args.text('secret_token');
    if (secret.length > 256) throw badRequest('secret token is too long');
    if (!/^[\w-]*$/.test(secret)) throw badRequest('secret token contains unallowed characters');
    allow(call);
    bot.queue.terminate('terminated by setWebhook request');
    bot.webhook = {
      url,
      secretToken: secret || undefined,
      maxConnections: args.integer('max_connections') ?? 40,
      ipAddress: args.text('ip_address') || undefined,
      hasCertificate: args.has('certificate'),
    };
    world.signal.notify();
    return true;
  },

  deleteWebhook({ bot, args, world }) {
    if (args.flag('drop_pending_updates')) bot.queue.clear();
    bot.webhook = undefined;
    world.signal.notify();
    return true;
  },

  getWebhookInfo({ bot }): WebhookInfo {
    const { webhook, queue } = bot;
    const allowed = queue.allowed as UpdateType[];
    return {
      url: webhook?.url ?? '',
      has_custom_certificate: webhook?.hasCertificate ?? false,
      pending_update_count: queue.pending.length,
      ...(webhook && { max_connections: webhook.maxConnections }),
      ...(webhook?.ipAddress !== undefined && { ip_address: webhook.ipAddress }),
      ...(webhook?.lastError && {
        last_error_date: webhook.lastError.date,
        last_error_message: webhook.lastError.message,
      }),
      ...(allowed.length > 0 && { allowed_updates: allowed }),
    };
  },

  getMe: ({ bot }) => bot.me,

  logOut({ bot }) {
    bot.closed = true;
    return true;
  },

  close({ bot }) {
    if (bot.closed) throw badRequest('the bot has already been closed');
    bot.closed = true;
    return true;
  },
};
