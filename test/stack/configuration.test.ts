import { expect, test } from 'vitest';
import { collector, validate } from '../../scripts/stack/parts/collector.ts';
import { installed } from './installed.ts';

const BASE = { AUDIT_TOKEN: 'test', AUDIT_STATE_DIR: '/nonexistent' };
const FORWARD = { AUDIT_FORWARD_URL: 'http://127.0.0.1:9/v1/audit', AUDIT_FORWARD_TOKEN: 'test' };
const KAFKA = {
  AUDIT_KAFKA_BROKERS: 'a.example:9093,b.example:9093',
  AUDIT_KAFKA_USERNAME: 'test',
  AUDIT_KAFKA_PASSWORD: 'test',
};
const TLS = { AUDIT_TLS_CERT: '/nonexistent/cert.pem', AUDIT_TLS_KEY: '/nonexistent/key.pem' };

test.each([
  ['the base', ['collector.yaml'], BASE],
  ['forwarding over the base', ['collector.yaml', 'collector.forward.yaml'], { ...BASE, ...FORWARD }],
  ['Kafka over the base', ['collector.yaml', 'collector.kafka.yaml'], { ...BASE, ...KAFKA }],
  ['TLS over the base', ['collector.yaml', 'collector.tls.yaml'], { ...BASE, ...TLS }],
  [
    'all of them together',
    ['collector.yaml', 'collector.forward.yaml', 'collector.tls.yaml', 'collector.scraped.yaml'],
    { ...BASE, ...FORWARD, ...TLS },
  ],
  [
    'Kafka and the others together',
    ['collector.yaml', 'collector.kafka.yaml', 'collector.tls.yaml', 'collector.scraped.yaml'],
    { ...BASE, ...KAFKA, ...TLS },
  ],
])('the collector accepts %s', async (_, files, env) => {
  expect(await validate(await installed(collector), files, env)).toBeUndefined();
});

test('the collector refuses to start without a token', async () => {
  const { AUDIT_TOKEN: _, ...env } = BASE;
  expect(await validate(await installed(collector), ['collector.yaml'], env)).toContain('no bearer token provided');
});

test('the collector refuses to forward nowhere', async () => {
  const { AUDIT_FORWARD_URL: _, ...env } = { ...BASE, ...FORWARD };
  const files = ['collector.yaml', 'collector.forward.yaml'];
  expect(await validate(await installed(collector), files, env)).toContain('at least one endpoint must be specified');
});

test('the collector refuses to write to Kafka without a password', async () => {
  const { AUDIT_KAFKA_PASSWORD: _, ...env } = { ...BASE, ...KAFKA };
  const files = ['collector.yaml', 'collector.kafka.yaml'];
  expect(await validate(await installed(collector), files, env)).toContain('password is required');
});
