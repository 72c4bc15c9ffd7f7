import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { fixture, makeScene, REGISTER, records, STORY, start, story, temporaryFolder } from './child.js';

const OTEL = '@opentelemetry/auto-instrumentations-node/register';
const QUIET = {
  OTEL_TRACES_EXPORTER: 'none',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_NODE_RESOURCE_DETECTORS: 'none',
};

for (const bot of ['bot.mjs', 'bot.cjs']) {
  for (const order of [
    [REGISTER, OTEL],
    [OTEL, REGISTER],
  ]) {
    test(`${bot} is audited beside OpenTelemetry's own flag, ${order[0] === OTEL ? 'after' : 'before'} it`, async () => {
      const scene = await makeScene();
      const args = [...order.flatMap((flag) => ['--import', flag]), fixture(bot)];
      const child = start({ args, env: { ...scene.env, ...QUIET } });
      await scene.play();
      const { code, stdout, stderr } = await child.ended;
      expect([code, stdout]).toEqual([0, '']);
      expect(stderr.replace(/^botaudit: records go to .*\nbotaudit: made a key to sign checkpoints, .*\n/, '')).toBe(
        '',
      );
      expect(story(records(scene.directory))).toEqual(STORY);
    });
  }
}

/** What an application brings that was made for an older API. */
const OLDER = {
  '@opentelemetry/api': '1.9.0',
  '@opentelemetry/sdk-trace-node': '2.0.1',
  '@opentelemetry/sdk-trace-base': '2.0.1',
};

test("records carry the ids of an application's own tracing, on an API of version 1.9", async ({ skip }) => {
  const home = temporaryFolder();
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, dependencies: OLDER }));
  const npm = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
  try {
    await promisify(execFile)('npm', npm, { cwd: home });
  } catch (error) {
    if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENOTCACHED|ETIMEDOUT/.test(String(error)))
      skip('no package registry in reach');
    throw error;
  }
  const scene = await makeScene();
  const env = { ...scene.env, OTEL_HOME: join(home, 'index.js') };
  const child = start({ args: ['--import', REGISTER, fixture('own-tracing.mjs')], env });
  await scene.play();
  const { code, stdout, stderr } = await child.ended;
  expect([code, stderr.replace(/^botaudit: .*\n/gm, '')]).toEqual([0, '']);
  const spans = JSON.parse(stdout) as {
    name: string;
    kind: number;
    traceId: string;
    spanId: string;
    links: string[];
    parent?: string;
  }[];
  const lines = records(scene.directory);
  expect(story(lines)).toEqual(STORY);
  const [command] = lines.filter(({ EventName }) => EventName === 'bot.command');
  const consumer = spans.find(({ spanId }) => spanId === command?.SpanId);
  expect(consumer).toMatchObject({ name: 'telegram message', kind: 4, traceId: command?.TraceId });
  const startup = spans.find(({ name }) => name === 'startup');
  expect(consumer).not.toHaveProperty('parent');
  expect(consumer?.links).toEqual([startup?.spanId]);
  expect(consumer?.traceId).not.toBe(startup?.traceId);
  const handler = spans.find(({ name, parent }) => name === 'handler' && parent === consumer?.spanId);
  const ban = lines.find(({ EventName }) => EventName === 'bot.member.ban');
  const client = spans.find(({ spanId }) => spanId === ban?.SpanId);
  expect(client).toMatchObject({ name: 'telegram banChatMember', kind: 2, parent: handler?.spanId });
  expect(ban?.TraceId).toBe(command?.TraceId);
});
