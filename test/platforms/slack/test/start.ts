import { onTestFinished } from 'vitest';
import { type SlackApp, SlackServer } from '../index.ts';

/** A Slack with an app in a channel with two people; it ends with the test. */
export async function start(times?: Parameters<typeof SlackServer.start>[0]) {
  const slack = await SlackServer.start(times);
  onTestFinished(() => slack.stop());
  const app = slack.addApp('Helper');
  const [alice, bob] = [slack.addPerson('Alice'), slack.addPerson('Bob')];
  const channel = slack.addChannel('general', [alice, bob, app.home.bot]);
  return { slack, app, alice, bob, channel };
}

/** Calls a method as clients do that know nothing but the protocol. */
export async function call(
  { apiUrl }: SlackServer,
  token: string | undefined,
  method: string,
  args: Record<string, string> = {},
): Promise<{ status: number; retryAfter: string | null; answer: Record<string, unknown> }> {
  const response = await fetch(`${apiUrl}${method}`, {
    method: 'POST',
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: new URLSearchParams(args),
  });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    answer: (await response.json()) as Record<string, unknown>,
  };
}

export const tokenOf = (app: SlackApp): string => app.home.botToken;
