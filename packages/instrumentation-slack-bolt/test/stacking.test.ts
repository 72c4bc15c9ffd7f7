import { createRequire } from 'node:module';
import { patchModule } from '@botaudit/instrumentation';
import { expect, test } from 'vitest';
import { ForeignInstrumentation } from '../../instrumentation/test/foreign-instrumentation.js';
import { SlackBoltInstrumentation } from '../src/index.js';
import { SLACK_BOLT_MODULES } from '../src/modules.js';
import { audit, freshBolt, useStage } from './setup.js';

const stage = useStage();

test.each(['before', 'after'])(
  "an instrumentation of somebody else's that comes %s works, and so does this one",
  async (when) => {
    const { alice, account, channel, backend } = stage.current;
    const bolt = freshBolt();
    const other = new ForeignInstrumentation();
    const wrap = (): void => {
      for (const name of ['processEvent', 'start', 'stop']) other.wrap(bolt.App.prototype, name);
      other.wrap(bolt.webApi.WebClient.prototype, 'apiCall', ([method]) => String(method));
    };
    if (when === 'before') wrap();
    audit();
    if (when === 'after') wrap();
    const app = stage.current.app({}, bolt);
    app.command('/hi', async ({ ack, say }) => {
      await ack();
      await say('hi');
    });
    await stage.current.listen(app);
    alice.commands(account, '/hi', '', channel);
    await stage.current.records('bot.message.send');
    await app.stop();
    expect(other.calls).toEqual(['auth.test', 'start', 'processEvent', 'chat.postMessage', 'stop']);
    expect(backend.names).toEqual(['bot.started', 'bot.command', 'bot.message.send', 'bot.stopping', 'bot.stopped']);
  },
);

test('patched again, it records once, and wrappers of the application work too', async () => {
  const { channel, backend } = stage.current;
  for (let index = 0; index < 3; index++) audit();
  const client = stage.current.client();
  const seen: string[] = [];
  const apiCall = client.apiCall.bind(client);
  client.apiCall = (method, options) => {
    seen.push(method);
    return apiCall(method, options);
  };
  await client.apiCall('chat.postMessage', { channel: channel.id, text: 'x' });
  expect(seen).toEqual(['chat.postMessage']);
  expect(backend.named('bot.message.send')).toHaveLength(1);
});

test('a version that is not supported is said and left alone', () => {
  for (const audited of SLACK_BOLT_MODULES) {
    patchModule(audited, {}, '99.0.0');
    expect(stage.current.backend.frameworks).toContainEqual({
      name: audited.framework,
      version: '99.0.0',
      supported: false,
    });
  }
});

test('it can be registered by code, and names what it patches', () => {
  const instrumentation = new SlackBoltInstrumentation();
  expect(instrumentation.getModuleDefinitions().map(({ name }) => name)).toEqual(['@slack/bolt', '@slack/web-api']);
  expect(createRequire(import.meta.url)('@slack/bolt').App).toBeTypeOf('function');
});
