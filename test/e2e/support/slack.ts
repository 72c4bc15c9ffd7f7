import { onTestFinished } from 'vitest';
import { freePorts } from '../../../scripts/stack/ports.ts';
import { type LoggedCall, type SlackApp, SlackServer } from '../../platforms/slack/index.ts';
import { BotRun, type BotRunOptions } from './bot-run.ts';
import { expectSame } from './figures.ts';
import type { PlainRecord } from './records.ts';

/** A Slack that ends with the test. */
export async function startSlack(times?: Parameters<typeof SlackServer.start>[0]): Promise<SlackServer> {
  const slack = await SlackServer.start(times);
  onTestFinished(() => slack.stop());
  return slack;
}

/** Starts an app's file and waits until Slack can reach it: at its address, or over its socket. */
export async function runApp(
  slack: SlackServer,
  app: SlackApp,
  file: string,
  { socket = false, env = {}, ...options }: BotRunOptions & { readonly socket?: boolean } = {},
): Promise<BotRun> {
  const [port] = socket ? [] : await freePorts(1);
  const run = await BotRun.start(file, {
    ...options,
    env: {
      SLACK_API_URL: slack.apiUrl,
      SLACK_SIGNING_SECRET: app.signingSecret,
      ...(app.installations.length > 0 && { SLACK_BOT_TOKEN: app.home.botToken }),
      ...(socket ? { SLACK_APP_TOKEN: app.appToken } : { PORT: `${port}` }),
      ...env,
    },
  });
  if (socket) await run.while(slack.until(() => slack.sockets.isConnected(app), { what: 'the socket' }));
  else await run.while(slack.verifyUrl(app, `http://127.0.0.1:${port}/slack/events`));
  return run;
}

/** Methods that leave no record: asking who one is, and connecting; a file's bytes are part of its upload. */
const NO_ACTION: ReadonlySet<string> = new Set(['api.test', 'auth.test', 'apps.connections.open', 'upload']);

function outcomeOf({ status, answer }: LoggedCall): string {
  if (status === 0 || (status ?? 0) >= 500 || answer === undefined) return 'unknown';
  return answer.ok === true ? 'success' : `failure ${answer.error}`;
}

/**
 * Fails unless every call that reached Slack, but for attempts that its client has made again, has exactly one record of
 * its end with the right outcome, and there is no record of a call that was not made.
 */
export function expectCallsRecorded(slack: SlackServer, records: readonly PlainRecord[]): void {
  const sent = slack.log.of().filter(({ method, status }) => !NO_ACTION.has(method) && status !== 429);
  const recorded = records.filter(
    ({ attributes: of }) =>
      of['bot.api.method'] !== undefined && of['bot.api.method'] !== 'ack' && of['bot.action.stage'] !== 'attempt',
  );
  const told = recorded.map(({ attributes: of }) => {
    const outcome = of['audit.outcome'];
    return `${of['bot.api.method']} ${outcome}${outcome === 'failure' ? ` ${of['error.type']}` : ''}`;
  });
  expectSame(
    sent.map((call) => `${call.method} ${outcomeOf(call)}`),
    told,
    records,
  );
}
