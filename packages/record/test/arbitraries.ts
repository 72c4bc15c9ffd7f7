import fc from 'fast-check';
import type { AttributeMap, AuditRecord } from '../src/index.js';
import { toPlain } from '../src/index.js';

/** Any JavaScript value that a caller could hand over, the odd ones among them. */
export const anything = fc.anything({
  key: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', 'toJSON', '', '10', '9')),
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
});

/** Text of code units as they come, so that halves of surrogate pairs are among them. */
export const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 }).map((codes) => {
  return String.fromCharCode(...codes);
});

/** Plain values, as records hold them. */
const plainMap = fc
  .dictionary(
    fc.oneof(fc.string(), units, fc.constantFrom('__proto__', 'bot.chat.id', '10', '9')),
    fc.oneof(anything, units, fc.double(), fc.maxSafeInteger()),
    { maxKeys: 8 },
  )
  .map((map) => toPlain(map) as AttributeMap);

const mandatory = fc.record({
  'audit.record.id': fc.uuid({ version: 4 }),
  'audit.actor.id': fc.constantFrom('telegram:42', 'service:payments', 'unknown'),
  'audit.actor.type': fc.constantFrom('user', 'service', 'system'),
  'audit.action': fc.constantFrom('BAN', 'SEND', 'EXECUTE'),
  'audit.outcome': fc.constantFrom('success', 'failure', 'unknown'),
});

const nanoseconds = fc.bigInt({ min: 0n, max: 2n ** 63n }).map(String);
const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''));

/** Records that no stream holds yet. */
export const record: fc.Arbitrary<AuditRecord> = fc
  .record(
    {
      eventName: fc.constantFrom('bot.command', 'bot.member.ban', 'payment.transfer', 'é"\\\u2028'),
      timestamp: nanoseconds,
      observedTimestamp: nanoseconds,
      own: mandatory,
      more: plainMap,
      traceId: hex(32),
      spanId: hex(16),
      body: plainMap.filter((map) => Object.keys(map).length > 0),
    },
    { requiredKeys: ['eventName', 'timestamp', 'observedTimestamp', 'own', 'more'] },
  )
  .map(({ own, more, ...fields }) => ({ ...fields, attributes: { ...more, ...own } }));
