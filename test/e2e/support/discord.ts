import { onTestFinished } from 'vitest';
import { type BotAccount, DiscordServer } from '../../platforms/discord/index.ts';
import type { BotRunOptions } from './bot-run.ts';
import { expectSame } from './figures.ts';
import type { PlainRecord } from './records.ts';

/** A Discord that ends with the test. */
export async function startDiscord(): Promise<DiscordServer> {
  const discord = await DiscordServer.start();
  onTestFinished(() => discord.stop());
  return discord;
}

/** How a bot of this Discord is started; what is given goes on top. */
export function botOf(discord: DiscordServer, bot: BotAccount, { env, ...options }: BotRunOptions = {}): BotRunOptions {
  return { ...options, env: { DISCORD_TOKEN: bot.token, DISCORD_API: discord.url, ...env } };
}

/** Requests that leave no record: signs of presence. */
const NO_ACTION: ReadonlySet<string> = new Set(['POST /channels/:id/typing']);

/** A route as it is recorded, with its placeholders named alike. */
const plain = (route: unknown): string => String(route).replaceAll(/:\w+/g, ':x');

/** How a request ended, as a record has to tell it. */
function outcomeOf(status = 0): string {
  if (status === 0 || status >= 500) return 'unknown';
  return status >= 400 ? 'failure' : 'success';
}

/**
 * Fails unless every request that reached Discord has exactly one record of its end with the right outcome, and there is
 * no record of one that was not made. One that had to be made again after a rate limit or a failure of Discord's is the
 * same action.
 */
export function expectRequestsAreRecorded(
  discord: DiscordServer,
  records: readonly PlainRecord[],
  isRetried: (status: number) => boolean = (status) => status === 429,
): void {
  const tell = (route: unknown, outcome: unknown, error: unknown) => `${plain(route)} ${outcome} ${error ?? ''}`.trim();
  const expected = discord.log.all
    .filter(({ route, status }) => !NO_ACTION.has(route) && !isRetried(status ?? 0))
    .map(({ route, status, answer }) => {
      const outcome = outcomeOf(status);
      const code = (answer as { readonly code?: number } | undefined)?.code;
      return tell(route, outcome, outcome === 'failure' ? code || status : undefined);
    });
  const recorded = records
    .filter(({ attributes: of }) => of['bot.api.method'] !== undefined && of['bot.action.stage'] !== 'attempt')
    .map(({ attributes: of }) =>
      tell(of['bot.api.method'], of['audit.outcome'], of['audit.outcome'] === 'failure' ? of['error.type'] : undefined),
    );
  expectSame(expected, recorded, records);
}
