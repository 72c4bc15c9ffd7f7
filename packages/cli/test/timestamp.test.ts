import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkJournal } from '../src/journal/check-journal.js';
import { rememberCheckpoints, withTimestamps } from '../src/timestamps/check-timestamps.js';
import { readAuthorities } from '../src/timestamps/trust.js';
import { botaudit, type Ended, linesOf } from './support/botaudit.js';
import { SignedJournal, type SignedStream } from './support/signed-journal.js';
import { TimestampAuthority } from './support/timestamp-authority.js';

let tsa: TimestampAuthority;
beforeAll(async () => {
  tsa = await TimestampAuthority.start();
});
afterAll(() => tsa.stop());

let journal: SignedJournal;
let first: SignedStream;
let second: SignedStream;
beforeEach(async () => {
  journal = new SignedJournal();
  first = await journal.run(25);
  second = await journal.run(5);
});
afterEach(() => {
  journal.remove();
  tsa.twist = (answer) => answer;
});

const stamp = (...args: string[]) =>
  botaudit(['timestamp', '--dir', journal.directory, '--url', tsa.url, '--tsa-ca', tsa.ca, ...args]);
const verify = (...args: string[]) => botaudit(['verify', journal.directory, '--tsa-ca', tsa.ca, '--json', ...args]);
const fileOf = (stream: SignedStream) => join(stream.directory, 'timestamps.ndjson');

function reportOf({ stdout, code, stderr }: Ended): { code: number | null; report: Report } {
  expect(stderr).toBe('');
  return { code, report: JSON.parse(stdout) };
}

interface Report {
  readonly intact: boolean;
  readonly findings: readonly { stream: string; kind: string; severity: string; message: string }[];
  readonly timestamps: { count: number; streams: { stream: string; number: number; time: string }[] };
}

describe('timestamp', () => {
  test('has the last checkpoint of each stream timestamped once, and verify says how far that reaches', async () => {
    const { code, stdout, stderr } = await stamp('--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const run = JSON.parse(stdout);
    expect(run).toMatchObject({ complete: true, known: 0, problems: [] });
    expect(run.timestamped.map(({ stream }: { stream: string }) => stream).sort()).toEqual(
      [first.id, second.id].sort(),
    );
    expect(statSync(fileOf(first)).mode & 0o777).toBe(0o600);
    const asked = tsa.requests;
    expect(await stamp()).toMatchObject({ code: 0, stdout: '0 checkpoints timestamped, 2 before\n' });
    expect(tsa.requests).toBe(asked);

    const { code: verdict, report } = reportOf(await verify('--public-key', journal.key.publicKey));
    expect({ verdict, findings: report.findings }).toEqual({ verdict: 0, findings: [] });
    expect(report.timestamps.count).toBe(2);
    for (const stream of [first, second]) {
      const vouched = report.timestamps.streams.find((each) => each.stream === stream.id);
      expect(vouched).toMatchObject({ number: stream.records.length, authority: 'CN=Test TSA' });
      expect(Math.abs(Date.parse(vouched?.time ?? '') - Date.now())).toBeLessThan(600_000);
    }
    const { stdout: lines } = await botaudit(['verify', journal.directory, '--tsa-ca', tsa.ca]);
    expect(lines).toContain(`timestamped: stream ${first.id} up to record ${first.records.length} was there at 20`);
    expect(lines).toContain('says CN=Test TSA\n');
  });

  test('of what comes later the earlier timestamps say nothing, and the next run does', async () => {
    await stamp();
    const later = await journal.run(5);
    const { report } = reportOf(await verify());
    expect(report.timestamps.streams.map(({ stream }) => stream)).not.toContain(later.id);
    expect(await stamp()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/1 checkpoint timestamped, 2 before\n$/),
    });
    expect(reportOf(await verify()).report.timestamps.count).toBe(3);
  });

  test('keeps them in a file elsewhere, and the journal as it is', async () => {
    const out = join(journal.folder, 'timestamps.ndjson');
    expect(await stamp('--out', out)).toMatchObject({ code: 0 });
    expect(linesOf(readFileSync(out, 'utf8'))).toHaveLength(2);
    expect(existsSync(fileOf(first))).toBe(false);
    expect(reportOf(await verify()).report.timestamps.count).toBe(0);
    expect(reportOf(await verify('--timestamps', out)).report.timestamps.count).toBe(2);
    expect(await stamp('--out', out)).toMatchObject({ stdout: '0 checkpoints timestamped, 2 before\n' });
  });

  test('an authority that is not there, or not right, is asked once, and nothing is kept', async () => {
    tsa.twist = () => ({ status: 503 });
    const asked = tsa.requests;
    const down = await stamp('--json');
    expect(JSON.parse(down.stdout)).toMatchObject({ complete: false, stopped: true, timestamped: [] });
    expect(down).toMatchObject({ code: 2, stderr: expect.stringContaining('answered with HTTP status 503') });
    expect(tsa.requests).toBe(asked + 1);
    tsa.twist = () => Buffer.from('garbage');
    expect(await stamp()).toMatchObject({ code: 2, stderr: expect.stringContaining('no answer (RFC 3161)') });
    expect(existsSync(fileOf(first)) || existsSync(fileOf(second))).toBe(false);
  });

  test('wrong usage is told before anybody is asked', async () => {
    const asked = tsa.requests;
    const base = ['timestamp', '--dir', journal.directory];
    for (const [args, message] of [
      [[], 'there is no authority to ask; give --url'],
      [['--url', tsa.url], 'nothing says which timestamps to believe'],
      [['--url', 'tsa', '--tsa-ca', tsa.ca], 'tsa is no address'],
      [['--url', tsa.url, '--tsa-ca', journal.key.publicKey], 'holds no certificate (PEM)'],
      [['--url', tsa.url, '--tsa-ca', tsa.ca, '--policy', 'mine'], 'mine is no object identifier'],
    ] as const) {
      const { code, stdout, stderr } = await botaudit([...base, ...args]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(message);
    }
    expect(tsa.requests).toBe(asked);
  });
});

test('a checkpoint that comes and is timestamped while records are verified is no finding, and vouches for nothing', async () => {
  const streams = [{ streamId: first.id, directory: first.directory }];
  const report = checkJournal(journal.directory, {});
  const [last, ...before] = first.checkpoints.toReversed();
  first.checkpoints = before.toReversed();
  const known = rememberCheckpoints(streams, []);
  first.checkpoints = [...first.checkpoints, last ?? ''];
  await stamp();
  const options = { authorities: readAuthorities([tsa.ca]), files: [] };
  expect(await withTimestamps(report, streams, known, options)).toEqual({
    ...report,
    timestamps: { count: 1, streams: [] },
  });
});

describe('verify finds', () => {
  beforeEach(() => stamp());

  /** The one finding that is about a timestamp. */
  async function finding(...args: string[]): Promise<string> {
    const { code, report } = reportOf(await verify(...args));
    expect({ code, intact: report.intact }).toEqual({ code: 1, intact: false });
    const found = report.findings.filter(({ kind, severity }) => kind === 'timestamp' && severity === 'error');
    expect(found).toHaveLength(1);
    return `${found[0]?.stream} ${found[0]?.message}`;
  }

  test('a timestamp that was put to another checkpoint', async () => {
    const [mine, other] = [first, second].map((stream) => JSON.parse(readFileSync(fileOf(stream), 'utf8')));
    writeFileSync(fileOf(first), `${JSON.stringify({ ...mine, token: other.token })}\n`);
    expect(await finding()).toMatch(`${first.id} the timestamp of checkpoint`);
    expect(await finding()).toMatch('is wrong: it is of something else');
  });

  test('a timestamp that was damaged, and a line that is none', async () => {
    const right = readFileSync(fileOf(first), 'utf8');
    writeFileSync(fileOf(first), `${right}garbage\n`);
    expect(await finding()).toBe(`${first.id} timestamps.ndjson: line 2 is no timestamp`);
    writeFileSync(fileOf(first), `${JSON.stringify({ ...JSON.parse(right), token: 'AAAA' })}\n`);
    expect(await finding()).toContain('it is no timestamp (RFC 3161)');
  });

  test('timestamps of an authority that is not trusted', async () => {
    const other = await TimestampAuthority.start();
    const ended = await botaudit(['verify', journal.directory, '--tsa-ca', other.ca]);
    await other.stop();
    expect(ended.code).toBe(1);
    expect(
      ended.stdout.match(/timestamp: the timestamp of checkpoint \d+ is wrong: .*leads to none that is trusted/g),
    ).toHaveLength(2);
    expect(ended.stdout).toContain('no timestamp vouches for anything');
  });

  test('that the end was cut off with its checkpoints, by whoever has the key and leaves the timestamps', async () => {
    second.records = second.records.slice(0, 3);
    second.checkpoints = second.checkpoints.slice(0, 1);
    expect(await finding('--public-key', journal.key.publicKey)).toMatch(
      /checkpoint \d+, which was timestamped at 20.*Z, is not there any more/,
    );
  });

  test('that the newest stream is gone, with all in its folder, by timestamps that were kept elsewhere', async () => {
    const out = join(journal.folder, 'timestamps.ndjson');
    await stamp('--out', out);
    rmSync(second.directory, { recursive: true });
    expect(reportOf(await verify()).code).toBe(0);
    const { code, report } = reportOf(await verify('--timestamps', out));
    expect(code).toBe(1);
    expect(report.findings).toContainEqual(
      expect.objectContaining({ stream: second.id, kind: 'removed', severity: 'error' }),
    );
  });

  test('nothing that a timestamp would vouch for where the stream is not as it was', async () => {
    first.records = first.records.map((line, index) => (index === 4 ? line.replace('account:', 'ACCOUNT:') : line));
    const { code, report } = reportOf(await verify());
    expect(code).toBe(1);
    expect(report.timestamps.streams.map(({ stream }) => stream)).toEqual([second.id]);
  });

  test('that timestamps are asked for where there can be none', async () => {
    const args = ['verify', second.segment, '--tsa-ca', tsa.ca];
    expect(await botaudit(args)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--tsa-ca goes with a journal'),
    });
    expect(await botaudit(['verify', journal.directory, '--timestamps', second.segment])).toMatchObject({ code: 2 });
  });
});
