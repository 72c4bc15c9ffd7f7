import { expect, test } from 'vitest';
import type { Collector } from '../../scripts/stack/parts/collector.ts';
import { eventually } from '../support/eventually.ts';
import { attribute, readArchive } from './archive.ts';
import { startCollector } from './collectors.ts';
import { bearer, exportRequest, post } from './sending.ts';

async function forwardTo(next: Collector, token: string, env: Readonly<Record<string, string>> = {}) {
  const to = { AUDIT_FORWARD_URL: next.url, AUDIT_FORWARD_TOKEN: token };
  return startCollector({ overlays: ['forward'], env: { ...to, ...env } });
}

async function allArrive(next: Collector, ids: readonly string[]): Promise<void> {
  await eventually(`${ids.length} records at the next hop`, async () => {
    const there = new Set(
      (await readArchive(next.archiveFolder)).map((record) => attribute(record, 'audit.record.id')),
    );
    return ids.every((id) => there.has(id)) || undefined;
  });
}

test('records that were accepted while the next hop was down reach it, even after the collector was killed', async () => {
  const { collector: next, token: nextToken } = await startCollector();
  const { collector, token } = await forwardTo(next, nextToken);
  const first = exportRequest(200);
  expect(await post(collector.url, first.logs, bearer(token))).toBe(200);
  await allArrive(next, first.ids);

  await next.kill();
  const second = exportRequest(200);
  expect(await post(collector.url, second.logs, bearer(token))).toBe(200);
  await collector.kill();
  await collector.resume();
  await next.resume();
  await allArrive(next, [...first.ids, ...second.ids]);
});

test('a full queue answers 503, and takes records again once the next hop does', async () => {
  const { collector: next, token: nextToken } = await startCollector();
  const { collector, token } = await forwardTo(next, nextToken, { AUDIT_QUEUE_ITEMS: '1000' });
  await next.stop();
  const accepted: string[] = [];
  const refused = await eventually('a full queue', async () => {
    const { ids, logs } = exportRequest(100);
    const status = await post(collector.url, logs, bearer(token));
    if (status !== 200) return { status, ids, logs };
    accepted.push(...ids);
    return undefined;
  });
  expect(refused.status).toBe(503);
  expect(accepted.length).toBeGreaterThanOrEqual(1000);

  await next.resume();
  await eventually('room in the queue', async () => {
    return (await post(collector.url, refused.logs, bearer(token))) === 200 || undefined;
  });
  await allArrive(next, [...accepted, ...refused.ids]);
});
