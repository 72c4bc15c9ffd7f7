import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Bucket } from './buckets.ts';
import { exportRequest } from './sending.ts';

const DAY_MS = 86_400_000;
const KEY = 'audit/2026/11/24/audit.jsonl';
const CONTENT = `${JSON.stringify(exportRequest(20).logs)}\n`;

/** What an administrator may say to get over governance mode; compliance mode must not care. */
const BYPASS = { 'x-amz-bypass-governance-retention': 'true' };

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);

interface Archived {
  readonly bucket: Bucket;
  readonly version: string;
}

async function archived(until = inDays(30)): Promise<Archived> {
  const bucket = await Bucket.withObjectLock('audit-archive');
  return { bucket, version: await bucket.archive(KEY, CONTENT, until) };
}

async function expectUnharmed({ bucket, version }: Archived): Promise<void> {
  const { status, body } = await bucket.send('GET', `/${KEY}?versionId=${version}`);
  expect({ status, same: body === CONTENT }).toEqual({ status: 200, same: true });
}

/** Mode and end of the retention, as the server has them. */
async function retention({ bucket, version }: Archived): Promise<readonly (string | undefined)[]> {
  const { body } = await bucket.send('GET', `/${KEY}?retention&versionId=${version}`);
  return [/<Mode>(.*)<\/Mode>/.exec(body)?.[1], /<RetainUntilDate>(.*)<\/RetainUntilDate>/.exec(body)?.[1]];
}

describe('an archive object under compliance retention', () => {
  test('can not be deleted by the owner of the bucket', async () => {
    const object = await archived();
    const { bucket, version } = object;
    for (const headers of [{}, BYPASS]) {
      const answer = await bucket.delete(KEY, version, headers);
      expect(answer).toMatchObject({ status: 403, body: expect.stringContaining('<Code>AccessDenied</Code>') });
    }
    expect((await bucket.send('DELETE', '')).status).toBe(409);
    await expectUnharmed(object);
  });

  test('is still there behind a marker of deletion, and behind what overwrites it', async () => {
    const object = await archived();
    const { bucket, version } = object;
    expect((await bucket.send('DELETE', `/${KEY}`)).status).toBe(204);
    expect((await bucket.send('GET', `/${KEY}`)).status).toBe(404);
    await expectUnharmed(object);

    await bucket.put(KEY, 'forged');
    expect((await bucket.send('GET', `/${KEY}`)).body).toBe('forged');
    await expectUnharmed(object);
    expect((await bucket.delete(KEY, version, BYPASS)).status).toBe(403);
  });

  test('keeps its retention: not shorter, not in a mode that can be bypassed, but longer', async () => {
    const object = await archived();
    const { bucket, version } = object;
    const before = await retention(object);
    expect(before).toEqual(['COMPLIANCE', expect.stringMatching(/^\d{4}-/)]);
    for (const [mode, days] of [
      ['COMPLIANCE', 1],
      ['GOVERNANCE', 30],
      ['GOVERNANCE', 60],
    ] as const) {
      for (const headers of [{}, BYPASS]) {
        const answer = await bucket.retain(KEY, version, mode, inDays(days), headers);
        expect(answer, `${mode} for ${days} days`).toMatchObject({ status: 403 });
      }
    }
    expect(await retention(object)).toEqual(before);

    expect((await bucket.retain(KEY, version, 'COMPLIANCE', inDays(60), {})).status).toBe(200);
    expect(await retention(object)).not.toEqual(before);
    expect((await bucket.retain(KEY, version, 'COMPLIANCE', inDays(30), BYPASS)).status).toBe(403);
    await expectUnharmed(object);
  });

  test('can be deleted once its time is over', async () => {
    const { bucket, version } = await archived(new Date(Date.now() + 3_000));
    expect((await bucket.delete(KEY, version, BYPASS)).status).toBe(403);
    await eventually('the end of the retention', async () => {
      const { status } = await bucket.delete(KEY, version);
      return status === 204 ? true : undefined;
    });
    expect((await bucket.send('GET', `/${KEY}?versionId=${version}`)).status).toBe(404);
  });
});

test('what is not retained can be deleted, in the same bucket and by the same user', async () => {
  const { bucket } = await archived();
  const version = await bucket.put('other', 'no record');
  expect((await bucket.delete('other', version)).status).toBe(204);
  expect((await bucket.send('GET', '/other')).status).toBe(404);
});
