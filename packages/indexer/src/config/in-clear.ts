import { isIP } from 'node:net';
import type { ListenAddress } from '@botaudit/config';
import type { KafkaOptions } from '../kafka/options.js';
import type { TlsFiles } from './tls-files.js';

// What goes over a network without encryption: no error, but to be said.

export function receivedInClear({ host, port }: ListenAddress, tls: TlsFiles | undefined): string[] {
  if (tls || isLoopback(host)) return [];
  return [
    `tokens and records go over the network in clear to ${host}:${port}: set receiver.certificate and receiver.key`,
  ];
}

export function sentInClear(urls: readonly string[]): string[] {
  const remote = urls.filter((url) => {
    const { protocol, hostname } = new URL(url);
    return protocol === 'http:' && !isLoopback(hostname.replace(/^\[|\]$/g, ''));
  });
  if (remote.length === 0) return [];
  return [`credentials and records go over the network in clear to ${remote.join(', ')}: use https:// there`];
}

export function readInClear({ brokers, tls, credentials }: KafkaOptions): string[] {
  const remote = brokers.filter((broker) => !isLoopback(broker.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')));
  if (tls || remote.length === 0) return [];
  const what = credentials?.mechanism === 'PLAIN' ? 'the password and records go' : 'records go';
  return [`${what} over the network in clear from ${remote.join(', ')}: set kafka.tls`];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
