import { Args } from './args.ts';
import type { BotAccount } from './bot-account.ts';
import { BotApiError, notFound } from './errors.ts';
import { METHODS, methodNamed } from './methods/index.ts';
import type { DecodedRequest } from './request.ts';
import type { Envelope } from './types.ts';
import type { World } from './world.ts';

/** Carries out one call and answers as the Bot API does. Only a defect of this server throws. */
export async function dispatch(
  world: World,
  bot: BotAccount,
  name: string,
  { values, files }: DecodedRequest,
  signal: AbortSignal,
): Promise<Envelope> {
  const method = methodNamed(name);
  try {
    if (!method) throw notFound('method not found');
    const result = await METHODS[method]({ world, bot, args: new Args(values), files, signal });
    return { ok: true, result };
  } catch (error) {
    if (error instanceof BotApiError) return error.envelope;
    throw error;
  }
}
