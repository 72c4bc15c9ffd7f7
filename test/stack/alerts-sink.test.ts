// What watches the sink: the real Prometheus and Alertmanager, and what answers in the place of Elasticsearch.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Running } from '../../packages/cli/test/support/botaudit.ts';
import { SearchServer } from '../../packages/cli/test/support/search-server.ts';
import { TestJournal } from '../../packages/cli/test/support/test-journal.ts';
import { freePorts } from '../../scripts/stack/ports.ts';
import { eventually } from '../support/eventually.ts';
import { AlertStack } from './alert-stack.ts';

let stack: AlertStack;
beforeAll(async () => {
  stack = await AlertStack.start();
});
afterAll(() => stack.stop());

test('records that are deleted at a sink, and a sink that nobody verifies any more', async () => {
  const journal = new TestJournal();
  onTestFinished(() => journal.remove());
  const server = await SearchServer.listen();
  onTestFinished(() => server.close());
  const { id, lines } = journal.closed({}, {}, {});
  server.store(lines);
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const args = ['--elasticsearch', server.url, '--grace', '0', '--watch', '--every', '2s', '--metrics', address];
  const watching = new Running(['verify', ...args]);
  onTestFinished(async () => {
    watching.child.kill('SIGKILL');
    await watching.ended;
  });
  await stack.prometheus.scrape({ bots: { verifier: [address] } });
  const verified = 'audit_sink_last_verified_timestamp_seconds{job="verifier"} > 0';
  await eventually('a verification', async () => (await stack.prometheus.query(verified)).length > 0 || undefined);
  expect(stack.toldOf('AuditSinkRecordsMissing', { job: 'verifier' })).toEqual([]);

  server.remove(server.find(id, 3));
  const { annotations } = await stack.told('page', 'AuditSinkRecordsMissing', { job: 'verifier' });
  expect(annotations.summary).toBe('Audit records are missing at the sink (elasticsearch)');
  await stack.told('page', 'AuditChainBroken', { job: 'verifier', source: 'elasticsearch' });
  const { empty } = await stack.runExpressions((expression) => expression.includes('audit_sink_'));
  expect(empty).toEqual([]);
  server.store(lines.slice(2, 3));
  await stack.told('page', 'AuditSinkRecordsMissing', { job: 'verifier' }, { status: 'resolved' });

  watching.child.kill('SIGKILL');
  await stack.told('ticket', 'AuditSinkUnverified', { job: 'verifier' });
});
