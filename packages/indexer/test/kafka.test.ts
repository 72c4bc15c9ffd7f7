import { expect, test } from 'vitest';
import { canRunClient, KafkaUnusableError, loadClient } from '../src/kafka/client.js';
import { Partition } from '../src/kafka/partition.js';
import { problemOf, says } from '../src/kafka/problem.js';

test('the group is told of a message once it and all before it have their place', () => {
  const partition = new Partition(0, 10n, undefined);
  const [first, second, third] = [10n, 11n, 12n].map((offset) => partition.handOver(offset));
  expect([partition.next, partition.settled]).toEqual([13n, 10n]);
  third?.();
  second?.();
  expect(partition.settled).toBe(10n);
  first?.();
  expect(partition.settled).toBe(13n);
});

test('offsets without a message are passed over, and none that waits', () => {
  const partition = new Partition(0, 10n, undefined);
  partition.skipTo(15n);
  expect([partition.next, partition.settled]).toEqual([15n, 15n]);
  const placed = partition.handOver(17n);
  partition.skipTo(20n);
  expect([partition.next, partition.settled]).toEqual([20n, 17n]);
  placed();
  expect(partition.settled).toBe(20n);
  partition.skipTo(5n);
  expect(partition.next).toBe(20n);
});

test.each([
  ['22.15.0', false],
  ['22.21.9', false],
  ['22.22.0', true],
  ['23.11.0', false],
  ['24.5.0', false],
  ['24.6.0', true],
  ['25.0.0', true],
  ['26.1.0', true],
])('Node.js %s can run the client: %s', (version, can) => {
  expect(canRunClient(version)).toBe(can);
});

test('a Node.js that is too old for the client is told which one is not', async () => {
  const { message, allowed } = await loadClient('22.15.0').then(
    () => expect.fail('it was loaded'),
    (error: KafkaUnusableError) => error,
  );
  expect(message).toContain('Node.js 22.15.0');
  expect(allowed).toBe('Node.js 22.22 or later, or 24.6 or later, or no kafka.brokers');
  await expect(loadClient('22.15.0')).rejects.toBeInstanceOf(KafkaUnusableError);
});

const failure = (message: string, more: object = {}) => Object.assign(new Error(message), more);
const tries = (...errors: Error[]) => new AggregateError(errors, `failed ${errors.length} times.`);
const refused = failure('connect ECONNREFUSED 127.0.0.1:9', { code: 'ECONNREFUSED', syscall: 'connect' });

test.each([
  [failure('Connection failed.', { code: 'PLT_KFK_NETWORK', cause: refused }), 'unavailable', 'connect ECONNREFUSED'],
  [tries(failure('timed out', { code: 'PLT_KFK_TIMEOUT' }), refused), 'unavailable', 'connect ECONNREFUSED'],
  [failure('SASL authentication failed.', { code: 'PLT_KFK_AUTHENTICATION' }), 'unauthorized', 'SASL authentication'],
  [
    tries(failure('Topic authorization failed.', { apiId: 'TOPIC_AUTHORIZATION_FAILED' })),
    'unauthorized',
    'TOPIC_AUTHORIZATION_FAILED: Topic authorization failed.',
  ],
  [failure('Unknown topic audit.', { code: 'PLT_KFK_USER' }), 'no_topic', 'Unknown topic audit.'],
  [failure('whatever'), 'unexpected', 'whatever'],
])('an error of the client is told by its kind: %s', (error, kind, reason) => {
  const problem = problemOf(error);
  expect(problem.kind).toBe(kind);
  expect(problem.reason).toContain(reason);
});

test("a broker's word is found in what the client makes of it", () => {
  const error = tries(refused, tries(failure('out of range', { apiId: 'OFFSET_OUT_OF_RANGE' })));
  expect(says(error, 'OFFSET_OUT_OF_RANGE')).toBe(true);
  expect(says(refused, 'OFFSET_OUT_OF_RANGE')).toBe(false);
});
