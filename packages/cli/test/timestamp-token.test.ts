import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { askForTimestamp } from '../src/timestamps/ask.js';
import { verifyToken } from '../src/timestamps/token.js';
import { checkTrust, readAuthorities } from '../src/timestamps/trust.js';
import { POLICY, stamp, TimestampAuthority } from './support/timestamp-authority.js';

const TEXT = '{"prev_hash":"…","seq":1}';

let tsa: TimestampAuthority;
let elsewhere: string;
beforeAll(async () => {
  tsa = await TimestampAuthority.start();
  elsewhere = mkdtempSync(join(tmpdir(), 'botaudit-tsa-other-'));
});
afterAll(async () => {
  await tsa.stop();
  rmSync(elsewhere, { recursive: true });
});
afterEach(() => {
  tsa.twist = (answer) => answer;
});

const trusted = () => readAuthorities([tsa.ca]);
const ask = (more: { policy?: string; timeoutMs?: number } = {}) =>
  askForTimestamp(TEXT, { url: tsa.url, trusted: trusted(), policy: more.policy, timeoutMs: more.timeoutMs ?? 30_000 });

describe('a timestamp of an authority', () => {
  test.each(['rsa', 'ec'] as const)('is right, says when, and OpenSSL agrees (%s)', async (key) => {
    tsa.certify({ key });
    const { token, time, policy, authority } = await ask();
    expect(Math.abs(time.getTime() - Date.now())).toBeLessThan(60_000);
    expect({ policy, authority }).toEqual({ policy: POLICY, authority: 'CN=Test TSA' });
    writeFileSync(join(elsewhere, 'token'), token);
    writeFileSync(join(elsewhere, 'text'), TEXT);
    const args = ['ts', '-verify', '-data', 'text', '-in', 'token', '-token_in', '-CAfile', tsa.ca];
    expect(execFileSync('openssl', args, { cwd: elsewhere, stdio: 'pipe' }).toString()).toContain('Verification: OK');
  });

  test('is asked for under a policy, which the authority has to have', async () => {
    const other = POLICY.replace(/1$/, '2');
    expect(await ask({ policy: other })).toMatchObject({ policy: other });
    await expect(ask({ policy: '1.2.3' })).rejects.toThrow(
      'the authority refused: it does not give timestamps under this policy',
    );
  });

  test('stays right when the certificate of its authority has expired since', () => {
    tsa.certify({ from: stamp(-20), to: stamp(-10) });
    const certificate = new X509Certificate(readFileSync(join(tsa.folder, 'tsa.pem')));
    tsa.certify();
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
    const root = [new X509Certificate(readFileSync(tsa.ca))];
    expect(() => checkTrust(certificate, root, [], daysAgo(9))).toThrow('had expired');
    // The root is younger than that here; its own certificate says it for both.
    expect(() => checkTrust(certificate, [certificate], [], daysAgo(15))).not.toThrow();
  });
});

describe('is refused, and why is said:', () => {
  test('one of something else', async () => {
    const { token } = await ask();
    await expect(verifyToken(token, `${TEXT} `, trusted())).rejects.toThrow('it is of something else');
  });

  test('an answer to another request, whose nonce is another', async () => {
    let earlier: Buffer | undefined;
    tsa.twist = (answer) => {
      earlier ??= answer;
      return earlier;
    };
    await ask();
    await expect(ask()).rejects.toThrow('its nonce is another');
  });

  test('an answer without a nonce', async () => {
    tsa.twist = () => {
      execFileSync(
        'openssl',
        ['ts', '-query', '-digest', digest(TEXT), '-sha256', '-cert', '-no_nonce', '-out', 'q.tsq'],
        {
          cwd: elsewhere,
          stdio: 'pipe',
        },
      );
      return tsa.reply(readFileSync(join(elsewhere, 'q.tsq')));
    };
    await expect(ask()).rejects.toThrow('its nonce is another, or missing');
  });

  test('one of an authority that is not trusted', async () => {
    const other = await TimestampAuthority.start();
    try {
      const url = other.url;
      await expect(
        askForTimestamp(TEXT, { url, trusted: trusted(), policy: undefined, timeoutMs: 30_000 }),
      ).rejects.toThrow('CN=Test TSA, leads to none that is trusted');
    } finally {
      await other.stop();
    }
  });

  test('one whose certificate had expired, or was not valid yet', async () => {
    tsa.certify({ from: stamp(-20), to: stamp(-10) });
    await expect(ask()).rejects.toThrow(/CN=Test TSA had expired, on \d{4}-/);
    tsa.certify({ from: stamp(10), to: stamp(20) });
    await expect(ask()).rejects.toThrow(/CN=Test TSA was not valid before \d{4}-/);
    tsa.certify();
  });

  test('one whose certificate is for other things too, or does not insist', async () => {
    const { token } = await ask();
    expect(await verifyToken(tsa.signAnew(token), TEXT, trusted())).toMatchObject({ authority: 'CN=Signer' });
    for (const usage of ['timeStamping', 'critical,timeStamping,serverAuth', 'critical,serverAuth']) {
      await expect(verifyToken(tsa.signAnew(token, { usage }), TEXT, trusted())).rejects.toThrow(
        'is not for timestamps alone',
      );
    }
  });

  test('one that is made with SHA-1', async () => {
    const { token } = await ask();
    await expect(verifyToken(tsa.signAnew(token, { digest: 'sha1' }), TEXT, trusted())).rejects.toThrow(
      'a hash that proves nothing any more',
    );
  });

  test('one that does not name its certificate, or is signed as something else', async () => {
    const { token } = await ask();
    await expect(verifyToken(tsa.signAnew(token, { names: false }), TEXT, trusted())).rejects.toThrow(
      'does not name the certificate',
    );
    await expect(
      verifyToken(tsa.signAnew(token, { contentType: '1.2.840.113549.1.7.1' }), TEXT, trusted()),
    ).rejects.toThrow('it is no timestamp (RFC 3161)');
  });

  test('one of which a byte was changed, wherever that is', async () => {
    const { token, time } = await ask();
    const right = (await verifyToken(token, TEXT, trusted())).time;
    expect(right).toEqual(time);
    const places = 64;
    let refused = 0;
    for (let index = 0; index < places; index++) {
      const changed = Buffer.from(token);
      const at = Math.floor((token.length * index) / places);
      changed[at] = changed[at]! ^ (((index * 37) & 0xff) | 1);
      // In the certificates that come along there are bytes that change nothing of what is proven.
      const said = await verifyToken(changed, TEXT, trusted()).catch((error: Error) => error);
      if (said instanceof Error) {
        expect(said.name).toBe('TimestampError');
        refused++;
      } else expect(said.time).toEqual(time);
    }
    expect(refused).toBeGreaterThan(places / 2);
  });

  test('garbage, nothing, a cut answer', async () => {
    for (const garbage of [Buffer.from('garbage'), Buffer.alloc(0), Buffer.from('3003020100', 'hex')]) {
      tsa.twist = () => garbage;
      await expect(ask()).rejects.toThrow(/no answer \(RFC 3161\)|granted a timestamp and sent none/);
    }
    tsa.twist = (answer) => answer.subarray(0, answer.length - 10);
    await expect(ask()).rejects.toThrow('no answer (RFC 3161)');
    await expect(verifyToken(Buffer.from('garbage'), TEXT, trusted())).rejects.toThrow('it is no timestamp (RFC 3161)');
  });

  test('an error of HTTP, a redirection, nobody there, an answer without end', async () => {
    tsa.twist = () => ({ status: 503 });
    await expect(ask()).rejects.toThrow('HTTP status 503');
    tsa.twist = () => ({ status: 302 });
    await expect(ask()).rejects.toThrow(/cannot be reached|HTTP status 302/);
    tsa.twist = () => Buffer.alloc(2 * 1024 * 1024);
    await expect(ask()).rejects.toThrow('more than a timestamp');
    const closed = { url: 'http://127.0.0.1:9/', trusted: trusted(), policy: undefined, timeoutMs: 30_000 };
    await expect(askForTimestamp(TEXT, closed)).rejects.toThrow('cannot be reached (bad port)');
  });
});

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
