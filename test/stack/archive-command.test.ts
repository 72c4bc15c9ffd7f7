import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { botaudit } from '../../packages/cli/test/support/botaudit.ts';
import { TestJournal, type TestStream } from '../../packages/cli/test/support/test-journal.ts';
import { freePorts } from '../../scripts/stack/ports.ts';
import { Bucket } from './buckets.ts';

const LOCK = ['--lock-mode', 'compliance', '--lock-days', '1'];
const DAY_MS = 86_400_000;

let journal: TestJournal;
let stream: TestStream;
let bucket: Bucket;
beforeEach(async () => {
  journal = new TestJournal();
  stream = journal.open(undefined, { segmentMaxBytes: 1 });
  stream.write();
  stream.close();
  bucket = await Bucket.withObjectLock('audit-archive');
});

interface Ways {
  readonly env?: NodeJS.ProcessEnv;
  readonly to?: string;
}

function run(args: readonly string[], { env = bucket.env, to = 's3://audit-archive/bots/one' }: Ways = {}) {
  onTestFinished(() => journal.remove());
  return botaudit(['archive', '--dir', journal.directory, '--to', to, ...args], {
    env: { HOME: journal.folder, ...env },
  });
}

const segmentKey = (number: number) => `bots/one/streams/${stream.id}/0000000${number}.ndjson`;

describe('an archive in S3 under Object Lock', () => {
  test('holds every object under the retention that was asked for, verifies alone, and a second run adds nothing', async () => {
    const first = await run([...LOCK, '--json']);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(first.stdout)).toMatchObject({ complete: true, archived: 3, known: 0 });
    const keys = await bucket.keys();
    expect(keys).toEqual([
      expect.stringMatching(/^bots\/one\/catalogue\/.*\.json$/),
      ...[1, 2, 3].map(segmentKey),
      `bots/one/streams/${stream.id}/stream.json`,
    ]);
    for (const key of keys) {
      const { headers } = await bucket.send('HEAD', `/${key}`);
      expect(headers.get('x-amz-object-lock-mode'), key).toBe('COMPLIANCE');
      const until = Date.parse(headers.get('x-amz-object-lock-retain-until-date') ?? '');
      expect(Math.abs(until - Date.now() - DAY_MS), key).toBeLessThan(600_000);
      const version = headers.get('x-amz-version-id') ?? '';
      expect((await bucket.delete(key, version, { 'x-amz-bypass-governance-retention': 'true' })).status, key).toBe(
        403,
      );
    }
    expect(JSON.parse((await run([...LOCK, '--json'])).stdout)).toMatchObject({ archived: 0, known: 3, bytes: 0 });
    expect(await bucket.keys()).toEqual(keys);
    const check = await run(['--restore-check']);
    expect(check).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^consistent \(unsigned\): 1 stream, 3 rec/),
    });
  });

  test('that somebody wrote over names the object and the record; what was locked is there behind it', async () => {
    await run(LOCK);
    const text = await readFile(join(stream.directory, '00000002.ndjson'), 'utf8');
    const version = await bucket.put(segmentKey(2), text.replace('telegram:42', 'telegram:43'));
    const { code, stdout } = await run(['--restore-check']);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      / object: streams\/\S+\/00000002\.ndjson is not what was archived .*, which held records 2 to 2/,
    );
    expect(stdout).toMatch(/ 2 changed: record 2: /);
    expect((await bucket.delete(segmentKey(2), version)).status).toBe(204);
    expect((await run(['--restore-check'])).code).toBe(0);
  });
});

test('credentials come from the profile in the shared files as well', async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL_S3, AWS_REGION } = bucket.env;
  const [credentials, config] = [join(journal.folder, 'credentials'), join(journal.folder, 'config')];
  const keys = `aws_access_key_id = ${AWS_ACCESS_KEY_ID}\naws_secret_access_key=${AWS_SECRET_ACCESS_KEY}\n`;
  await writeFile(credentials, `[default]\naws_access_key_id = other\n\n[audit]\n${keys}`);
  await writeFile(config, `[profile audit]\nregion = ${AWS_REGION}\nendpoint_url = ${AWS_ENDPOINT_URL_S3}\n`);
  const env = { AWS_PROFILE: 'audit', AWS_SHARED_CREDENTIALS_FILE: credentials, AWS_CONFIG_FILE: config };
  expect(await run([], { env })).toMatchObject({ code: 0, stderr: '' });
});

test('what S3 refuses is said in one line, without the secret, and the journal does not take it for archived', async () => {
  await bucket.another('unlocked');
  const [port] = await freePorts(1);
  const wrong = { ...bucket.env, AWS_SECRET_ACCESS_KEY: 'not-the-secret-that-it-is' };
  const closed = { ...bucket.env, AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` };
  for (const [args, ways, message] of [
    [[], { env: wrong }, /can't be listed: SignatureDoesNotMatch \(HTTP 403\)/],
    [[], { env: closed }, /can't be reached: ECONNREFUSED/],
    [[], { to: 's3://missing/x' }, /can't be listed: NoSuchBucket \(HTTP 404\)/],
    [LOCK, { to: 's3://unlocked/x' }, /stream\.json can't be written: \w+ \(HTTP 4\d\d\)/],
  ] as const) {
    const { code, stdout, stderr } = await run(args, ways);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('not-the-secret');
  }
  await expect(readFile(join(stream.directory, 'archived.json'))).rejects.toThrow('ENOENT');
});
