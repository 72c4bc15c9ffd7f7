import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { AlertStack } from './alert-stack.ts';
import { startCollector } from './collectors.ts';
import { bearer, exportRequest, post } from './sending.ts';

let stack: AlertStack;
beforeAll(async () => {
  stack = await AlertStack.start();
});
afterAll(() => stack.stop());

/** A next hop that answers every request with the status that it is given. */
async function nextHop(status: number): Promise<{ url: string; answer(status: number): void }> {
  let current = status;
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(current).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/audit`,
    answer(status) {
      current = status;
    },
  };
}

test('a next hop that takes nothing, and then refuses records: a queue that fills, and records that are dropped', async () => {
  const next = await nextHop(503);
  const { collector, token } = await startCollector({
    overlays: ['forward'],
    env: { AUDIT_FORWARD_URL: next.url, AUDIT_FORWARD_TOKEN: 'any', AUDIT_QUEUE_ITEMS: '1000' },
  });
  await stack.prometheus.scrape({ collector: { collectors: [new URL(collector.metricsUrl).host] } });
  expect(await post(collector.url, exportRequest(600).logs, bearer(token))).toBe(200);
  const labels = { job: 'collectors', exporter: 'otlp_http/forward' };
  const { annotations } = await stack.told('ticket', 'AuditCollectorQueueFilling', labels);
  expect(annotations.summary).toBe('The queue of a collector to otlp_http/forward is 60% full');
  expect(stack.toldOf('AuditCollectorDropsRecords', labels)).toEqual([]);

  next.answer(400);
  await stack.told('page', 'AuditCollectorDropsRecords', labels);
  const run = await eventually('something for each panel', async () => {
    const { run, empty } = await stack.runExpressions((expression) => expression.includes('otelcol_'));
    return empty.length === 0 ? run : undefined;
  });
  expect(run).toBeGreaterThan(50);
});
