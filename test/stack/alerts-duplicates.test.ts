import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../../scripts/stack/ports.ts';
import { isCalm, killInBetween, openShop } from '../e2e/support/shop.ts';
import { eventually } from '../support/eventually.ts';
import { AlertStack, HEARTBEAT } from './alert-stack.ts';

let stack: AlertStack;
let bots: Record<string, readonly string[]> = {};
beforeAll(async () => {
  stack = await AlertStack.start();
});
afterAll(() => stack.stop());

/** A shop whose bot is scraped as a job of this name. */
async function shop(job: string, ...rules: string[]) {
  const [port] = await freePorts(1);
  bots = { ...bots, [job]: [`127.0.0.1:${port}`] };
  await stack.prometheus.scrape({ bots });
  return openShop(rules, { BOTAUDIT_METRICS: `127.0.0.1:${port}`, ...HEARTBEAT });
}

const DUPLICATES = /audit_duplicates/;

test('what was paid twice wakes somebody, and what was ordered twice leaves a ticket', async () => {
  const opened = await shop('shop');
  const run = await killInBetween(opened);
  await run.while(isCalm(opened));
  expect(opened.bank.transfers).toEqual(['4711', '4711']);
  const paid = await run.while(
    stack.told('page', 'AuditActionsRepeated', { job: 'shop', kind: 'key', event: 'other' }),
  );
  expect(paid.annotations.summary).toBe('What shop has done it has done twice (other)');
  await run.while(stack.told('ticket', 'AuditDuplicatesSeen', { job: 'shop', kind: 'update', event: 'bot.command' }));
  const series = 'sum by (event, kind) (audit_duplicates_total{job="shop"})';
  const counted = await eventually('both are counted', async () => {
    const found = await stack.prometheus.query(series);
    return found.length === 2 ? found : undefined;
  });
  expect(counted).toHaveLength(2);
  const { empty } = await stack.runExpressions((expression) => DUPLICATES.test(expression));
  expect(empty).toEqual([]);
});

test('what was kept from being paid twice leaves a ticket, and wakes nobody', async () => {
  const opened = await shop('careful', '{ event: bot.command, on_duplicate: block }');
  const run = await killInBetween(opened);
  await run.while(isCalm(opened));
  expect(opened.bank.transfers).toEqual(['4711']);
  await run.while(stack.told('ticket', 'AuditDuplicatesSeen', { job: 'careful', kind: 'update_blocked' }));
  expect(stack.toldOf('AuditActionsRepeated', { job: 'careful' })).toEqual([]);
});
