import { ConfigError, type ListenAddress } from '@botaudit/config';
import { KafkaUnusableError } from '../kafka/client.js';
import type { IndexerConfig } from './load-config.js';
import { TlsFilesError } from './tls-files.js';

type Place = IndexerConfig['place'];

/** Why an address can't be had, in words. */
const LISTENING: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another process',
  EADDRNOTAVAIL: 'is no address of this machine',
  EACCES: 'may not be used by this user',
  EAFNOSUPPORT: 'is of a kind that this machine has switched off',
  ENOTFOUND: 'has a name that is not known here',
  EAI_AGAIN: 'has a name that could not be looked up',
};

/**
 * Has a server listen at the address that an option names.
 *
 * @throws {ConfigError} when that can't be had.
 */
export async function listenAs(
  key: string,
  { host, port }: ListenAddress,
  place: Place,
  listen: () => Promise<void>,
): Promise<void> {
  try {
    await listen();
  } catch (error) {
    const { code = '', syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    const problem = `${host}:${port} ${LISTENING[code] ?? `can't be listened at (${message})`}`;
    const allowed = 'host:port of this machine that nobody uses; port 0 lets the system choose';
    throw new ConfigError([{ ...place(key), problem, allowed }]);
  }
}

/**
 * Makes what needs the files of TLS.
 *
 * @throws {ConfigError} when one of them can't be used.
 */
export function withTlsFiles<T>(place: Place, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof TlsFilesError)) throw error;
    throw new ConfigError([{ ...place(error.key), problem: error.message, allowed: error.allowed }]);
  }
}

/**
 * Starts what needs the client of Kafka.
 *
 * @throws {ConfigError} when that can't run here.
 */
export async function withClient(place: Place, start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    if (!(error instanceof KafkaUnusableError)) throw error;
    throw new ConfigError([{ ...place('kafka.brokers'), problem: error.message, allowed: error.allowed }]);
  }
}
