import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { SlackApp, SlackServer } from '../index.ts';
import { call, start } from './start.ts';

interface Taken {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An app without a framework: what it was sent, and an answer for each. */
async function listen(answer: (taken: Taken, response: ServerResponse) => void) {
  const taken: Taken[] = [];
  const http = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (body.includes('url_verification')) return response.end(JSON.parse(body).challenge);
    taken.push({ headers: request.headers, body });
    answer({ headers: request.headers, body }, response);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => void http.close().closeAllConnections());
  return { taken, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/slack/events` };
}

test('an event is delivered again until the app takes it, and says how often and why', async () => {
  const { slack, app, alice, channel } = await start({ answerWithinMs: 200, retryAfterMs: [1, 1, 1] });
  const answers = [
    (response: ServerResponse) => response.writeHead(500).end(),
    () => {},
    (response: ServerResponse) => response.end(),
  ];
  const { taken, url } = await listen((_, response) => void answers.shift()?.(response));
  await slack.verifyUrl(app, url);
  alice.says(channel, 'hello');
  await slack.awaitDelivered();
  expect(taken.map(({ headers }) => [headers['x-slack-retry-num'], headers['x-slack-retry-reason']])).toEqual([
    [undefined, undefined],
    ['1', 'http_error'],
    ['2', 'http_timeout'],
  ]);
  expect(new Set(taken.map(({ body }) => JSON.parse(body).event_id)).size).toBe(1);
  expect(slack.deliveries.all[0]?.taken).toBe(true);
});

test('requests are signed, interactions are forms, and what is not taken is given up', async () => {
  const { verifySlackRequest } = await import('@slack/bolt');
  const { slack, app, alice, channel } = await start({ retryAfterMs: [1] });
  const { taken, url } = await listen((_, response) => response.writeHead(404).end());
  await slack.verifyUrl(app, url);
  const message = alice.says(channel, 'hello');
  alice.commands(app, '/go', 'now', channel);
  alice.presses(app, message, 'button');
  await slack.awaitDelivered();
  expect(slack.deliveries.all.map(({ attempts, taken: took }) => [attempts.length, took])).toEqual([
    [2, false],
    [1, false],
    [1, false],
  ]);
  for (const { headers, body } of taken) {
    const signed = {
      'x-slack-signature': String(headers['x-slack-signature']),
      'x-slack-request-timestamp': Number(headers['x-slack-request-timestamp']),
    };
    verifySlackRequest({ signingSecret: app.signingSecret, headers: signed, body });
    expect(() => verifySlackRequest({ signingSecret: 'x', headers: signed, body })).toThrow('signature mismatch');
  }
  const forms = taken
    .filter(({ headers }) => headers['content-type']?.includes('form'))
    .map(({ body }) => new URLSearchParams(body));
  expect(forms.map((form) => form.get('command') ?? JSON.parse(String(form.get('payload'))).type).toSorted()).toEqual([
    '/go',
    'block_actions',
  ]);
});

async function connect(slack: SlackServer, app: SlackApp) {
  const { answer } = await call(slack, app.appToken, 'apps.connections.open');
  const socket = new WebSocket(String(answer.url));
  const messages: Record<string, unknown>[] = [];
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)));
    slack.notify();
  });
  await slack.until(() => messages.some(({ type }) => type === 'hello'), { what: 'hello' });
  return { socket, messages, url: String(answer.url) };
}

test('over a socket come a greeting, envelopes until they are acknowledged, and a wish to come anew', async () => {
  const { slack, app, alice, channel } = await start({ answerWithinMs: 100, retryAfterMs: [1, 1] });
  const { socket, messages, url } = await connect(slack, app);
  alice.says(channel, 'hello');
  const again = await slack.until(() => messages.find(({ retry_attempt: attempt }) => attempt === 1));
  expect(again).toMatchObject({ type: 'events_api', retry_reason: 'timeout', accepts_response_payload: false });
  socket.send(JSON.stringify({ envelope_id: again.envelope_id }));
  await slack.awaitDelivered();
  const asked = alice.types(app, 'colours', 'r', channel);
  const envelope = await slack.until(() => messages.find(({ type }) => type === 'interactive'));
  socket.send(JSON.stringify({ envelope_id: envelope.envelope_id, payload: { options: [] } }));
  await slack.until(() => asked.taken);
  expect(asked.attempts[0]?.answer).toEqual({ options: [] });
  slack.sockets.refresh(app);
  await slack.until(() => messages.find(({ reason }) => reason === 'refresh_requested'));
  socket.close();
  await slack.until(() => !slack.sockets.isConnected(app));
  const used = new WebSocket(url);
  const [error] = await once(used, 'error');
  expect(String(error)).toContain('401');
});

test('a response URL takes five messages', async () => {
  const { slack, app, alice, channel } = await start();
  const { url } = await listen((_, response) => response.end());
  await slack.verifyUrl(app, url);
  const { payload } = alice.commands(app, '/go', '', channel);
  const respond = () =>
    fetch(String(payload.response_url), {
      method: 'POST',
      body: '{"text":"x"}',
      headers: { 'content-type': 'application/json' },
    });
  const answers: number[] = [];
  for (let index = 0; index < 6; index++) answers.push((await respond()).status);
  expect(answers).toEqual([200, 200, 200, 200, 200, 404]);
});
