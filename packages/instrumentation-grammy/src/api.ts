import { activeContext } from '@botaudit/api';
import { backInContext, handleOutbound, noticeAssignment, read } from '@botaudit/instrumentation';
import { telegramCall } from '@botaudit/platform-telegram';
import type { Transformer } from 'grammy';
import { FRAMEWORK, scopeOf } from './scope.js';
import { noticeReply } from './webhook-reply.js';

/** What an instance of grammY's `Api` holds as `config`. */
interface ApiConfig {
  use: (...transformers: Transformer[]) => object;
  installedTransformers: () => Transformer[];
}

const audited = new WeakSet<object>();

/** The bots whose `api` these are: in the first versions an `Api` does not know its token. */
const bots = new WeakMap<object, object>();

/** Notices which `Api` is whose, when a bot is made. */
export function patchApiOfBot(prototype: object): void {
  noticeAssignment(prototype, 'api', FRAMEWORK, (bot, api) => bots.set(api as object, bot));
}

/**
 * Audits every instance that `Api` makes from now on: the bot's own, one per update, those that plugins make. The
 * constructor ends by setting `config`, so it works on the exported class alone, bundled or not.
 *
 * @returns `false` where the class defines its fields instead of assigning them, as grammY's build for browsers does.
 */
export function patchApi(Api: new (token: string) => object): boolean {
  // By this copy of the code, or by another.
  if (Object.hasOwn(Api.prototype, 'config')) return true;
  noticeAssignment(Api.prototype, 'config', FRAMEWORK, auditApi);
  return audited.has(new Api('probe'));
}

/** Audits an instance of `Api`, also one that was made before its class was patched. */
export function auditApi(api: object): void {
  if (audited.has(api)) return;
  const config = read(api, 'config') as ApiConfig | undefined;
  if (typeof config?.use !== 'function') return;
  audited.add(api);
  // Innermost, so that each call which a plugin makes again is seen again. It is kept from `installedTransformers`,
  // whose members are copied into the instance of every update, which has its own already.
  const given: Transformer[] = config.installedTransformers();
  const useOriginal = config.use;
  useOriginal(auditTransformer(api));
  // Named as grammY's own are.
  const use = (...transformers: Transformer[]): object => {
    const chain = useOriginal(...transformers.map(keepContext));
    given.push(...transformers);
    return { ...chain, use, installedTransformers: given };
  };
  const installedTransformers = (): Transformer[] => given.slice();
  Object.assign(config, { use, installedTransformers });
}

function auditTransformer(api: object): Transformer {
  let bot = scopeOf(api);
  return (prev, method, payload, signal) => {
    if (bot.id === undefined) bot = scopeOf(bots.get(api) ?? api);
    let replied = false;
    const call = telegramCall(bot, method, payload, { replied: () => replied });
    if (!call) return prev(method, payload, signal);
    return handleOutbound(call, () => {
      const noticed = noticeReply(() => prev(method, payload, signal));
      replied = noticed.replied;
      return noticed.result as Promise<never>;
    });
  };
}

/**
 * Lets a transformer go on in the audit context that it was called in. One that queues calls, as throttlers do, makes
 * them in the context of whoever drains the queue, and they would be laid at the wrong person's door.
 */
function keepContext(transformer: Transformer): Transformer {
  return (prev, method, payload, signal) => {
    const context = activeContext() ?? {};
    return transformer((...args) => backInContext(context, () => prev(...args)), method, payload, signal);
  };
}
