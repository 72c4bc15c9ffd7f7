import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Checkpoint,
  type CheckpointOptions,
  type CheckpointsReport,
  canonicalCheckpoint,
  keyIdOf,
  PublicKeyError,
  parseCheckpoint,
  publicKeyBytes,
  type SignedCheckpoint,
  verifyCheckpoints,
  verifyCheckpointsAsync,
} from '../src/index.js';
import { aTip, keyFromSeed, nodeVerify, Signer } from './signer.js';
import { sha256 } from './streams.js';

const key = keyFromSeed(Buffer.alloc(32, 7));
const { publicKey, keyId } = new Signer(key);

/** Checkpoints that commit one stream as it goes on. */
function series(length: number, signer = new Signer(key)): SignedCheckpoint[] {
  return Array.from({ length }, (_, index) => {
    const count = index + 1;
    return signer.next([aTip({ sequence_number: count, entry_count: count, tip_hash: sha256(String(count)) })]);
  });
}

/** Findings in short: `signature 2`, `tip 3 tips[0]`; notices in parentheses. */
function brief({ findings }: CheckpointsReport): string[] {
  return findings.map(({ defect, severity, index, member }) => {
    const text = [defect, index, ...(member?.startsWith('tips') ? [member] : [])].join(' ');
    return severity === 'notice' ? `(${text})` : text;
  });
}

const verified = (checkpoints: Iterable<SignedCheckpoint>, options: Partial<CheckpointOptions> = {}) =>
  brief(verifyCheckpoints(checkpoints, { publicKey, ...options }));

describe('a sequence of checkpoints', () => {
  test('that was made by the book is valid, given as text, bytes or objects, and whatever verifies', async () => {
    const texts = series(4);
    const bytes = texts.map((each) => ({ ...each, checkpoint: Buffer.from(each.checkpoint as string) }));
    const objects = texts.map((each) => ({ ...each, checkpoint: parseCheckpoint(each.checkpoint as string) }));
    for (const list of [texts, bytes, objects]) {
      expect(verifyCheckpoints(list, { publicKey })).toEqual({ valid: true, findings: [] });
      expect(verifyCheckpoints(list, { publicKey, verifySignature: nodeVerify, sha256 }).valid).toBe(true);
      expect(await verifyCheckpointsAsync(list, { publicKey })).toEqual({ valid: true, findings: [] });
      const later = async (...args: Parameters<typeof nodeVerify>) => nodeVerify(...args);
      expect((await verifyCheckpointsAsync(list, { publicKey, verifySignature: later })).valid).toBe(true);
    }
    expect(verifyCheckpoints([], { publicKey })).toEqual({ valid: true, findings: [] });
  });

  test('of which any bit is turned is not', async () => {
    const list = series(3);
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 2 }),
        fc.nat(),
        fc.nat({ max: 7 }),
        fc.boolean(),
        async (index, place, bit, which) => {
          const { checkpoint, signature } = list[index] as { checkpoint: string; signature: string };
          const bytes = Buffer.from(which ? checkpoint : signature);
          bytes[place % bytes.length]! ^= 1 << bit;
          const turned = which ? { checkpoint: bytes, signature } : { checkpoint, signature: bytes.toString('latin1') };
          const changed = list.with(index, turned);
          const report = verifyCheckpoints(changed, { publicKey });
          expect(report.valid).toBe(false);
          expect(report.findings.every((finding) => finding.index === index)).toBe(true);
          expect(await verifyCheckpointsAsync(changed, { publicKey })).toEqual(report);
        },
      ),
    );
  });

  test('from which one is missing, or where one stands twice or elsewhere, is not', () => {
    const [one, two, three, four] = series(4) as [
      SignedCheckpoint,
      SignedCheckpoint,
      SignedCheckpoint,
      SignedCheckpoint,
    ];
    expect(verified([one, three, four])).toEqual(['seq 1']);
    expect(verified([one, four])).toEqual(['seq 1']);
    expect(verified([one, two, two, three])).toEqual(['seq 2', 'tip 2 tips[0]']);
    expect(verified([one, three, two, four])).toContain('seq 1');
    expect(verified([four, three, two, one])).toContain('seq 1');
    expect(verifyCheckpoints([one, three], { publicKey }).findings[0]).toEqual({
      index: 1,
      defect: 'seq',
      severity: 'error',
      seq: 3,
      member: 'seq',
      message: 'checkpoint 3: checkpoint 2 is missing between 1 and it',
    });
  });

  test('that begins later than with the first is valid, but for whoever asks for the first or knows the one before', () => {
    const [one, two, three] = series(3) as [SignedCheckpoint, SignedCheckpoint, SignedCheckpoint];
    expect(verified([two, three])).toEqual(['(start 0)']);
    expect(verified([two, three], { fromStart: true })).toEqual(['seq 0']);
    expect(verified([one, two, three], { fromStart: true })).toEqual([]);
    const hash = sha256(one.checkpoint as string);
    expect(verified([two, three], { previous: { seq: 1, hash } })).toEqual([]);
    expect(verified([two, three], { previous: { seq: 1, hash: sha256('another') } })).toEqual(['chain 0']);
    expect(verified([three], { previous: { seq: 1, hash } })).toEqual(['seq 0']);
  });

  test('names the checkpoint at which the chain breaks, and no other', () => {
    const signer = new Signer(key);
    const list = [signer.next(), signer.next(), signer.next([], { prev_hash: 'b'.repeat(64) }), signer.next()];
    expect(verified(list)).toEqual(['chain 2']);
  });

  test.each<[string, Partial<Checkpoint>, string]>([
    ['the first that does not name nothing', { prev_hash: '1'.repeat(64) }, 'chain 0'],
    ['one that names nothing and is not the first', { seq: 2 }, 'seq 0'],
  ])('does not begin with %s', (_, changes, expected) => {
    expect(verified([new Signer(key).next([], changes)])).toEqual([expected]);
  });

  test('may hold checkpoints without tips', () => {
    const signer = new Signer(key);
    expect(
      verified([
        signer.next(),
        signer.next([aTip()]),
        signer.next(),
        signer.next([aTip({ sequence_number: 8, entry_count: 8 })]),
      ]),
    ).toEqual([]);
  });

  test('in which something is none is told of that one alone, whatever else is wrong with it', () => {
    const list = series(4);
    for (const checkpoint of ['{}', 'garbage', '', `${list[1]!.checkpoint} `, Buffer.from([0xff])]) {
      expect(verified(list.with(1, { checkpoint, signature: list[1]!.signature }))).toEqual(['form 1']);
      expect(verified(list.toSpliced(1, 0, { checkpoint, signature: '' }))).toEqual(['form 1']);
    }
  });

  test('may run back in time, which is noticed', () => {
    const signer = new Signer(key);
    const list = [
      signer.next([], { timestamp: '2100-01-01T00:00:00Z' }),
      signer.next([], { timestamp: '1970-01-01T00:00:00Z' }),
      signer.next([], { timestamp: '1970-01-01T00:00:00Z' }),
    ];
    expect(verified(list)).toEqual(['(timestamp 1)']);
    expect(verifyCheckpoints(list, { publicKey }).valid).toBe(true);
  });
});

describe('what was committed of a stream', () => {
  const committed = (...tips: Parameters<typeof aTip>[0][]) => {
    const signer = new Signer(key);
    return tips.map((changes) => signer.next([aTip({ stream_id: 'b' }), aTip(changes)].slice(changes ? 1 : 0)));
  };

  test.each<[string, { sequence_number: number; entry_count: number; tip_hash?: string }, RegExp]>([
    ['fewer records', { sequence_number: 5, entry_count: 5 }, /goes back to record 5 \(of 5\) from record 7 \(of 7\)/],
    ['a lower count for a later record', { sequence_number: 9, entry_count: 6 }, /goes back to record 9 \(of 6\)/],
    ['an earlier record for a higher count', { sequence_number: 6, entry_count: 9 }, /goes back to record 6 \(of 9\)/],
    [
      'another record in its place',
      { sequence_number: 7, entry_count: 7, tip_hash: 'c'.repeat(64) },
      /another record 7/,
    ],
    ['the same once more', { sequence_number: 7, entry_count: 7 }, /committed again, without having gone on/],
  ])('is not taken back later: %s', (_, changes, message) => {
    for (const distance of [0, 3]) {
      const between = Array.from({ length: distance }, (_each, index) => ({ stream_id: `other ${index}` }));
      const list = committed({}, ...between, changes);
      const { valid, findings } = verifyCheckpoints(list, { publicKey });
      expect(valid).toBe(false);
      expect(findings).toMatchObject([{ defect: 'tip', index: distance + 1, member: 'tips[0]' }]);
      expect(findings[0]?.message).toMatch(message);
    }
  });

  test('is not taken back by any tip, wherever it stands among others', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(), (count, which) => {
        const ids = Array.from({ length: count }, (_, index) => `stream ${index}`);
        const at = which % count;
        const signer = new Signer(key);
        const first = signer.next(ids.toReversed().map((stream_id) => aTip({ stream_id })));
        const next = ids.map((stream_id, index) => {
          const records = index === at ? 6 : 8;
          return aTip({ stream_id, sequence_number: records, entry_count: records });
        });
        expect(verified([first, signer.next(next.toReversed())])).toEqual([`tip 1 tips[${at}]`]);
      }),
    );
  });

  test('goes on, by default as often as it likes; where each is committed once, not even once more', () => {
    const list = committed({}, { sequence_number: 9, entry_count: 9 }, { sequence_number: 10, entry_count: 10 });
    expect(verified(list)).toEqual([]);
    expect(verified(list, { oncePerEpoch: true })).toEqual(['tip 1 tips[0]', 'tip 2 tips[0]']);
    expect(verified(committed({}, { stream_id: 'another' }, { epoch: 1 }), { oncePerEpoch: true })).toEqual([
      '(epoch 2 tips[0].epoch)',
    ]);
  });

  test('may start over under a new epoch, a higher or a lower one: each step is noticed', () => {
    const signer = new Signer(key);
    const list = [
      signer.next([aTip({ epoch: 5 })]),
      signer.next([aTip({ epoch: 3, sequence_number: 1, entry_count: 1 })]),
      signer.next([aTip({ epoch: 10, stream_id: 'z' }), aTip({ epoch: 2 }), aTip({ epoch: 10 })]),
    ];
    expect(verified(list)).toEqual(['(epoch 1 tips[0].epoch)', '(epoch 2 tips[0].epoch)', '(epoch 2 tips[1].epoch)']);
    expect(verified([...list, signer.next([aTip({ epoch: 3, sequence_number: 1, entry_count: 1 })])])).toContain(
      'tip 3 tips[0]',
    );
  });

  test('has epochs everywhere or nowhere', () => {
    const { epoch: _, ...old } = aTip();
    const later = { ...old, sequence_number: 8, entry_count: 8 };
    const of = (...tips: Checkpoint['tips'][number][]) => {
      const signer = new Signer(key);
      return verified(tips.map((tip) => signer.next([tip])));
    };
    expect(of(old, later)).toEqual([]);
    expect(of(aTip(), later)).toEqual(['epoch 1 tips[0].epoch']);
    expect(of(old, { ...later, epoch: 0 })).toEqual(['epoch 1 tips[0].epoch']);
    expect(of(aTip({ stream_id: 'x' }), aTip(), { ...old, stream_id: 'y' })).toEqual(['epoch 2 tips[0].epoch']);
  });

  test('by a checkpoint that is not signed counts for nothing', () => {
    const signer = new Signer(key);
    const [one, two] = [signer.next([aTip()]), signer.next([aTip({ sequence_number: 8, entry_count: 8 })])];
    const forged = new Signer().sign(
      canonicalCheckpoint({
        ...parseCheckpoint(two.checkpoint),
        tips: [aTip({ sequence_number: 99, entry_count: 99 })],
      }),
    );
    expect(verified([one, forged, two])).toEqual(['key 1']);
  });
});

describe('a signature', () => {
  const [one] = series(1) as [SignedCheckpoint];

  test.each<[string, Partial<SignedCheckpoint>, string]>([
    ['is missing', { signature: '' }, 'is not signed'],
    ['is no text', { signature: null as never }, 'is not signed'],
    ['has a stray character', { signature: one.signature.replace(/.$/, '!=') }, 'base64 of 64 bytes'],
    ['is wrapped', { signature: `${one.signature.slice(0, 64)}\n${one.signature.slice(64)}` }, 'base64 of 64 bytes'],
    ['lacks its padding', { signature: one.signature.replace(/=+$/, '') }, 'base64 of 64 bytes'],
    ['has bits in its padding', { signature: one.signature.replace(/[AQgw]==$/, 'B==') }, 'base64 of 64 bytes'],
    ['is base64url', { signature: Buffer.alloc(64, 0xff).toString('base64url') }, 'base64 of 64 bytes'],
    ['is too short', { signature: Buffer.alloc(63).toString('base64') }, 'base64 of 64 bytes'],
    ['is too long', { signature: Buffer.alloc(65).toString('base64') }, 'base64 of 64 bytes'],
    ['is of nothing', { signature: Buffer.alloc(64).toString('base64') }, 'does not fit'],
    ['is of another checkpoint', { signature: series(2)[1]!.signature }, 'does not fit'],
  ])('that %s is told', (_, changes, message) => {
    const { findings } = verifyCheckpoints([{ ...one, ...changes }], { publicKey });
    expect(findings).toMatchObject([{ defect: 'signature', member: 'signature', seq: 1 }]);
    expect(findings[0]?.message).toContain(message);
  });

  test('of another key is told as such where the checkpoint says which', () => {
    const other = new Signer();
    const list = [other.next([aTip()])];
    expect(verified(list)).toEqual(['key 0']);
    expect(verified([{ ...list[0]!, keyId: undefined }])).toEqual(['signature 0']);
    expect(verified([{ ...list[0]!, keyId }])).toEqual(['signature 0']);
    expect(verified(list, { publicKey: [publicKey, other.publicKey] })).toEqual([]);
  });

  test('fits although the checkpoint says that it is of another key: that is only a hint', () => {
    expect(verified([{ ...one, keyId: 'another' }])).toEqual([]);
  });
});

describe('a public key', () => {
  const raw = publicKeyBytes(publicKey);

  test('is taken as PEM, DER, bytes and hex digits, and has one id', () => {
    const der = Buffer.from(publicKey.replace(/-----.*-----|\s/g, ''), 'base64');
    const forms = [publicKey, `\n${publicKey}\r\n`, raw, new Uint8Array(der), Buffer.from(raw).toString('hex')];
    for (const form of forms) {
      expect(publicKeyBytes(form)).toEqual(raw);
      expect(keyIdOf(form)).toBe(keyId);
      expect(verified(series(1), { publicKey: form })).toEqual([]);
    }
    expect(keyId).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each<[string, unknown, RegExp]>([
    ['a private key', key.export({ format: 'pem', type: 'pkcs8' }), /private key/],
    ['a key of another kind', publicKey.replace('MCowBQYDK2Vw', 'MCowBQYDK2Vu'), /another kind/],
    ['a PEM that is cut off', publicKey.replace(/.{8}=/, '='), /damaged|cut off/],
    ['31 bytes', new Uint8Array(31), /cut off/],
    ['63 digits', 'a'.repeat(63), /neither PEM/],
    ['nothing', undefined, /there is none/],
    ['none', [], /there is none/],
    ['a number', [7], /neither text nor bytes/],
  ])('is not %s', (_, wrong, message) => {
    expect(() => verifyCheckpoints([], { publicKey: wrong as string })).toThrow(PublicKeyError);
    expect(() => verifyCheckpoints([], { publicKey: wrong as string })).toThrow(message);
  });

  test('which is damaged fits no signature, and nothing fails', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        expect(verifyCheckpoints(series(1), { publicKey: bytes }).valid).toBe(Buffer.compare(bytes, raw) === 0);
      }),
    );
  });
});
