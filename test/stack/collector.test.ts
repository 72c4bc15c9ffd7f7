import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { figure } from '../support/figure.ts';
import { attribute, type OtlpLogs, readArchive } from './archive.ts';
import { startCollector } from './collectors.ts';
import { bearer, exportRequest, post } from './sending.ts';

async function archivedIds(folder: string): Promise<Set<string | undefined>> {
  return new Set((await readArchive(folder)).map((record) => attribute(record, 'audit.record.id')));
}

test('records come in with the token alone', async () => {
  const { collector, token } = await startCollector();
  const { ids, logs } = exportRequest(3);
  expect(await post(collector.url, logs)).toBe(401);
  expect(await post(collector.url, logs, bearer(`${token}x`))).toBe(401);
  expect(await readArchive(collector.archiveFolder)).toEqual([]);
  expect(await post(collector.url, logs, bearer(token))).toBe(200);
  expect(await archivedIds(collector.archiveFolder)).toEqual(new Set(ids));
});

test('audit records are taken on /v1/audit alone', async () => {
  const { collector, token } = await startCollector();
  const { logs } = exportRequest(1);
  const other = new URL('/v1/logs', collector.url).href;
  expect(await post(other, logs, bearer(token))).toBe(404);
});

test('a record is archived as it was sent', async () => {
  const { collector, token } = await startCollector();
  const record = {
    timeUnixNano: '1795478400000123456',
    observedTimeUnixNano: '1795478400000123500',
    body: { kvlistValue: { values: [{ key: 'k', value: { boolValue: false } }] } },
    attributes: [
      { key: 'b', value: { stringValue: 'é <&>\u0000\u2028\u{1f600}"\\' } },
      { key: 'a', value: { intValue: '9007199254740993' } },
      { key: 'c', value: { doubleValue: 0.1 } },
      { key: 'd', value: { arrayValue: { values: [{ intValue: '0' }, { stringValue: '' }] } } },
    ],
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    eventName: 'bot.message.delete',
  };
  const logs: OtlpLogs = { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] };
  expect(await post(collector.url, logs, bearer(token))).toBe(200);
  expect(await readArchive(collector.archiveFolder)).toEqual([record]);
});

test('no accepted record is lost when the collector is killed, nor when it starts again', async () => {
  const { collector, token } = await startCollector();
  const accepted: string[] = [];
  for (let round = 0; round < 5; round++) {
    let down = false;
    const senders = Array.from({ length: 4 }, async () => {
      while (!down) {
        const { ids, logs } = exportRequest(50);
        if ((await post(collector.url, logs, bearer(token))) === 200) accepted.push(...ids);
        else if (!down) await collector.ended;
      }
    });
    const enough = accepted.length + 1000;
    await eventually('1,000 more records accepted', () => accepted.length >= enough || undefined);
    await collector.kill();
    down = true;
    await Promise.all(senders);
    await collector.resume();
  }
  const archived = await archivedIds(collector.archiveFolder);
  expect(accepted.filter((id) => !archived.has(id))).toEqual([]);
  figure(`killed 5 times: ${accepted.length} records accepted, ${archived.size} in the archive, 0 lost`);
});

test('the archive is rotated and nothing of it is deleted', async () => {
  const { collector, token } = await startCollector({ env: { AUDIT_ARCHIVE_MB: '1' } });
  const sent: string[] = [];
  for (let batch = 0; batch < 8; batch++) {
    const { ids, logs } = exportRequest(400, 1000);
    expect(await post(collector.url, logs, bearer(token))).toBe(200);
    sent.push(...ids);
  }
  expect((await readdir(collector.archiveFolder)).length).toBeGreaterThan(2);
  expect(await archivedIds(collector.archiveFolder)).toEqual(new Set(sent));
});
