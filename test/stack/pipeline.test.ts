import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Collector } from '../../scripts/stack/parts/collector.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readArchive } from './archive.ts';
import { AuditedBot } from './audited-bot.ts';
import { makeCertificates } from './certificates.ts';
import { startCollector } from './collectors.ts';
import { type Comparison, compare } from './comparison.ts';
import { Group } from './group.ts';

/** Records that one quarrel leaves at least: a join, five commands and presses, and what the bot did about them. */
const RECORDS_PER_QUARREL = 10;

interface Scene {
  readonly group: Group;
  /** Where the bot runs. */
  readonly cwd: string;
  /** Its journal. */
  readonly journal: string;
}

async function openScene(): Promise<Scene> {
  const cwd = await temporaryFolder();
  return { group: await Group.open(), cwd, journal: join(cwd, 'journal') };
}

function shippingTo(collector: Collector, token: string): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_AUDIT_HEADERS: `authorization=Bearer%20${token}`,
  };
}

/** Waits until the archive holds the whole journal, and says whether it is the same byte by byte. */
async function expectAllArchived(scene: Scene, collector: Collector, quarrels: number): Promise<Comparison> {
  const found = await eventually('the whole journal in the archive', async () => {
    const comparison = await compare(scene.journal, collector.archiveFolder);
    return comparison.missing.length === 0 ? comparison : undefined;
  });
  expect(found.different).toEqual([]);
  expect(found.journal).toBeGreaterThan(quarrels * RECORDS_PER_QUARREL);
  return found;
}

const say = (what: string, { journal, archived }: Comparison) =>
  console.log(`${what}: ${journal} records in the journal, all archived and equal, ${archived - journal} twice`);

test.each([
  ['http/protobuf', 'none'],
  ['http/protobuf', 'gzip'],
  ['http/json', 'none'],
  ['http/json', 'gzip'],
])('every record of a bot reaches the collector as it is in the journal: %s, %s', async (protocol, compression) => {
  const scene = await openScene();
  const { collector, token } = await startCollector();
  const bot = await AuditedBot.start(scene.group, scene.cwd, {
    ...shippingTo(collector, token),
    BOTAUDIT_DIR: scene.journal,
    OTEL_EXPORTER_OTLP_AUDIT_PROTOCOL: protocol,
    OTEL_EXPORTER_OTLP_AUDIT_COMPRESSION: compression,
  });
  await scene.group.quarrels(3);
  expect(await bot.stop()).toBe(0);
  say(`${protocol}, ${compression}`, await expectAllArchived(scene, collector, 3));
});

test('over TLS with a client certificate', async () => {
  const scene = await openScene();
  await makeCertificates(scene.cwd);
  const file = (name: string) => join(scene.cwd, name);
  const { collector, token } = await startCollector({
    overlays: ['tls'],
    env: {
      AUDIT_TLS_CERT: file('server.pem'),
      AUDIT_TLS_KEY: file('server-key.pem'),
      AUDIT_TLS_CLIENT_CA: file('ca.pem'),
    },
  });
  const bot = await AuditedBot.start(scene.group, scene.cwd, {
    ...shippingTo(collector, token),
    BOTAUDIT_DIR: scene.journal,
    OTEL_EXPORTER_OTLP_AUDIT_CERTIFICATE: file('ca.pem'),
    OTEL_EXPORTER_OTLP_AUDIT_CLIENT_CERTIFICATE: file('client.pem'),
    OTEL_EXPORTER_OTLP_AUDIT_CLIENT_KEY: file('client-key.pem'),
  });
  await scene.group.quarrels(1);
  expect(await bot.stop()).toBe(0);
  await expectAllArchived(scene, collector, 1);
});

test('nothing is lost when the collector is down for the first half of a run', async () => {
  const scene = await openScene();
  const { collector, token } = await startCollector();
  await collector.stop();
  const env = { ...shippingTo(collector, token), BOTAUDIT_DIR: scene.journal };
  const bot = await AuditedBot.start(scene.group, scene.cwd, env);
  await scene.group.quarrels(5);
  expect(await readArchive(collector.archiveFolder)).toEqual([]);
  await collector.resume();
  await scene.group.quarrels(5);
  await expectAllArchived(scene, collector, 10);
  expect(await bot.stop()).toBe(0);
  say('down for the first half', await expectAllArchived(scene, collector, 10));
});

test('nothing is lost when the collector is killed midway, again and again', async () => {
  const scene = await openScene();
  const { collector, token } = await startCollector();
  const env = { ...shippingTo(collector, token), BOTAUDIT_DIR: scene.journal };
  const bot = await AuditedBot.start(scene.group, scene.cwd, env);
  const KILLS = 5;
  for (let kill = 0; kill < KILLS; kill++) {
    const quarrels = scene.group.quarrels(4);
    const before = (await readArchive(collector.archiveFolder)).length;
    await eventually('shipping', async () => (await readArchive(collector.archiveFolder)).length > before || undefined);
    await collector.kill();
    await quarrels;
    await collector.resume();
  }
  await expectAllArchived(scene, collector, KILLS * 4);
  expect(await bot.stop()).toBe(0);
  say(`killed ${KILLS} times`, await expectAllArchived(scene, collector, KILLS * 4));
});

test('with a wrong token nothing leaves and nothing is parked; with the right one all of it does', async () => {
  const scene = await openScene();
  const { collector, token } = await startCollector();
  const wrong = { ...shippingTo(collector, 'wrong'), BOTAUDIT_DIR: scene.journal };
  const refused = await AuditedBot.start(scene.group, scene.cwd, wrong);
  await scene.group.quarrels(2);
  expect(await refused.stop()).toBe(0);
  expect(await readArchive(collector.archiveFolder)).toEqual([]);
  const files = await readdir(scene.journal, { recursive: true });
  expect(files.filter((path) => path.endsWith('rejected.ndjson'))).toEqual([]);

  const right = { ...shippingTo(collector, token), BOTAUDIT_DIR: scene.journal };
  const bot = await AuditedBot.start(scene.group, scene.cwd, right);
  await scene.group.quarrels(2);
  await expectAllArchived(scene, collector, 4);
  expect(await bot.stop()).toBe(0);
  say('wrong token, then right token', await expectAllArchived(scene, collector, 4));
});

test('nothing is lost when the queue of the collector is full and it answers 503', async () => {
  const scene = await openScene();
  const { collector: next, token: nextToken } = await startCollector();
  const { collector, token } = await startCollector({
    overlays: ['forward'],
    env: { AUDIT_FORWARD_URL: next.url, AUDIT_FORWARD_TOKEN: nextToken, AUDIT_QUEUE_ITEMS: '500' },
  });
  await next.stop();
  const env = { ...shippingTo(collector, token), BOTAUDIT_DIR: scene.journal };
  const bot = await AuditedBot.start(scene.group, scene.cwd, env);
  let quarrels = 0;
  await eventually('a refusal', async () => {
    await scene.group.quarrels(5);
    quarrels += 5;
    const metrics = await (await fetch(collector.metricsUrl)).text();
    return /^otelcol_exporter_enqueue_failed_log_records\{.*\} [1-9]/m.test(metrics) || undefined;
  });
  await next.resume();
  await expectAllArchived(scene, next, quarrels);
  expect(await bot.stop()).toBe(0);
  say('queue full', await expectAllArchived(scene, next, quarrels));
});
