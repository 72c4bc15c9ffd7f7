import { randomBytes } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { releaseOnPath, run } from '../command.ts';
import { type Installed, type Part, type RunningPart, StackError } from '../part.ts';
import { freePorts } from '../ports.ts';
import { Service } from '../service.ts';
import type { Java } from './java.ts';
import { cachedKafka, fetchKafka, holdsKafka, javaForKafka } from './kafka-install.ts';

/** Names an unpacked Kafka to use in place of the one that would be fetched. */
const VARIABLE = 'BOTAUDIT_KAFKA';

/** A machine that is busy takes a minute. */
const READY_TIMEOUT_MS = 120_000;
const STOP_GRACE_MS = 30_000;

/** What it logs when everything in it serves; its port is open before that. */
const READY_LINE = 'Kafka Server started';

const LOGGING = `rootLogger.level = INFO
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d] %p %m (%c)%n
`;

/** Kafka: one broker that is its own controller. */
export const kafka: Part = {
  name: 'kafka',
  title: 'Kafka',
  cost: "half a minute, 60 MB in Maven's cache and 54 MB here; needs Maven, and Java 17 or newer",
  memory: '0.4 GB',
  instead: [VARIABLE, 'an unpacked Kafka'],

  async locate({ env, cache }) {
    const named = env[VARIABLE];
    if (named) {
      if (await holdsKafka(named)) return { path: named, source: 'environment' };
      throw new StackError(`${VARIABLE} names ${named}, which is no unpacked Kafka 4 (no libs/kafka_2.13-4.*.jar)`);
    }
    const onPath = await releaseOnPath('kafka-server-start.sh', env);
    if (onPath && (await holdsKafka(onPath))) return { path: onPath, source: 'path' };
    const path = cachedKafka(cache);
    return (await holdsKafka(path)) ? { path, source: 'cache' } : undefined;
  },

  async install(context) {
    const otherwise = `Or name an unpacked Kafka 4 that you have: ${VARIABLE}=/path/to/kafka`;
    return { path: await fetchKafka(context, otherwise), source: 'cache' };
  },

  async start({ installed, folder }): Promise<RunningPart> {
    const running = await Kafka.start({ installed, folder });
    return {
      botEnv: {},
      facts: [
        ['address', running.address],
        ['security', 'SASL_PLAINTEXT, mechanism PLAIN'],
        ['user', running.username],
        ['password', running.password],
        ['log', running.log],
      ],
      ended: running.ended,
      stop: () => running.stop(),
    };
  },
};

/** How a Kafka is run. */
export interface KafkaOptions {
  readonly installed: Installed;
  /** Folder for its configuration, its data and its log; exists. */
  readonly folder: string;
  /** Adds a listener over TLS that demands a client certificate, and the password by SCRAM-SHA-512. */
  readonly tls?: KafkaTls;
}

/** Files (PEM) for TLS. */
export interface KafkaTls {
  readonly certificate: string;
  readonly key: string;
  /** Authority of the certificates that clients must show. */
  readonly ca: string;
}

/**
 * A broker on loopback, of one user with a random password; can be stopped or killed, and started again. Topics come into
 * being when they are created, not when they are named.
 */
export class Kafka {
  readonly username = 'stack';
  readonly password = randomBytes(24).toString('hex');
  readonly #options: KafkaOptions;
  readonly #java: Java;
  readonly #ports: readonly number[];
  #service: Service | undefined;

  private constructor(options: KafkaOptions, java: Java, ports: readonly number[]) {
    this.#options = options;
    this.#java = java;
    this.#ports = ports;
  }

  /**
   * Starts one on free ports, and waits until it serves.
   *
   * @throws {StackError} when it does not get there.
   */
  static async start(options: KafkaOptions): Promise<Kafka> {
    const broker = new Kafka(options, await javaForKafka(process.env), await freePorts(3));
    await broker.#prepare();
    await broker.resume();
    return broker;
  }

  /** Where clients begin: `host:port`. */
  get address(): string {
    return `127.0.0.1:${this.#ports[0]}`;
  }

  /** Where clients begin over TLS, where there is that: `host:port`. */
  get tlsAddress(): string {
    return `127.0.0.1:${this.#ports[2]}`;
  }

  get log(): string {
    return join(this.#options.folder, 'kafka.log');
  }

  /** Settles when the process that runs now has ended, with how. */
  get ended(): Promise<string> {
    return this.#service?.ended ?? Promise.resolve('not running');
  }

  /** Starts it again after {@link stop} or {@link kill}: the same ports, data and password. */
  async resume(): Promise<void> {
    const [command = '', ...args] = this.#command('-Xms256m', '-Xmx384m', '-XX:+UseSerialGC');
    const logged = await stat(this.log).then(
      ({ size }) => size,
      () => 0, // The first start.
    );
    this.#service = await Service.start({
      command,
      args: [...args, 'kafka.Kafka', this.#configuration],
      cwd: this.#options.folder,
      env: {},
      log: this.log,
      ready: async () => (await readFile(this.log)).subarray(logged).includes(READY_LINE),
      readyTimeoutMs: READY_TIMEOUT_MS,
    });
  }

  /** Ends it cleanly. */
  async stop(): Promise<void> {
    await this.#service?.stop(STOP_GRACE_MS);
  }

  /** Ends it with SIGKILL. */
  async kill(): Promise<void> {
    await this.#service?.kill();
  }

  get #configuration(): string {
    return join(this.#options.folder, 'server.properties');
  }

  get #keyStore(): string {
    return join(this.#options.folder, 'key-store.pem');
  }

  async #prepare(): Promise<void> {
    const { folder, tls } = this.#options;
    await mkdir(join(folder, 'tmp'), { mode: 0o700 });
    if (tls) {
      const [key, certificate] = await Promise.all([readFile(tls.key), readFile(tls.certificate)]);
      await writeFile(this.#keyStore, Buffer.concat([key, certificate]), { mode: 0o600 });
    }
    await writeFile(join(folder, 'log4j2.properties'), LOGGING);
    const lines = Object.entries(this.#settings()).map(([key, value]) => `${key}=${value}\n`);
    // It holds the password.
    await writeFile(this.#configuration, lines.join(''), { mode: 0o600 });
    // It may begin with a dash.
    const cluster = randomBytes(16).toString('base64url');
    const [command = '', ...args] = this.#command('-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1');
    const format = [
      'kafka.tools.StorageTool',
      'format',
      '--standalone',
      `--cluster-id=${cluster}`,
      '-c',
      this.#configuration,
      ...(tls ? ['--add-scram', `SCRAM-SHA-512=[name=${this.username},password=${this.password}]`] : []),
    ];
    await run(command, [...args, ...format], { cwd: folder, env: {}, log: this.log });
  }

  #settings(): Record<string, string> {
    const { folder } = this.#options;
    const [port, controllerPort] = this.#ports;
    const login = `org.apache.kafka.common.security.plain.PlainLoginModule required username="${this.username}" password="${this.password}" user_${this.username}="${this.password}";`;
    return {
      'process.roles': 'broker,controller',
      'node.id': '1',
      'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
      listeners: `CLIENTS://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': `CLIENTS://127.0.0.1:${port}`,
      'controller.listener.names': 'CONTROLLER',
      'inter.broker.listener.name': 'CLIENTS',
      'listener.security.protocol.map': 'CONTROLLER:SASL_PLAINTEXT,CLIENTS:SASL_PLAINTEXT',
      'sasl.enabled.mechanisms': 'PLAIN',
      'sasl.mechanism.inter.broker.protocol': 'PLAIN',
      'sasl.mechanism.controller.protocol': 'PLAIN',
      'listener.name.clients.plain.sasl.jaas.config': login,
      'listener.name.controller.plain.sasl.jaas.config': login,
      'log.dirs': join(folder, 'data'),
      'auto.create.topics.enable': 'false',
      // There is one broker to hold its own topics.
      'offsets.topic.replication.factor': '1',
      'offsets.topic.num.partitions': '3',
      'transaction.state.log.replication.factor': '1',
      'transaction.state.log.min.isr': '1',
      'transaction.state.log.num.partitions': '3',
      'share.coordinator.state.topic.replication.factor': '1',
      'share.coordinator.state.topic.min.isr': '1',
      'share.coordinator.state.topic.num.partitions': '1',
      // One that was killed may not come back before it is given up, which takes 9 s by default.
      'broker.heartbeat.interval.ms': '500',
      'broker.session.timeout.ms': '4000',
      // A test does not wait for more members of a group.
      'group.initial.rebalance.delay.ms': '0',
      ...this.#tlsSettings(),
    };
  }

  #tlsSettings(): Record<string, string> {
    const { tls } = this.#options;
    if (!tls) return {};
    const [port, controllerPort, tlsPort] = this.#ports;
    const listener = 'listener.name.tls';
    return {
      listeners: `CLIENTS://127.0.0.1:${port},TLS://127.0.0.1:${tlsPort},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': `CLIENTS://127.0.0.1:${port},TLS://127.0.0.1:${tlsPort}`,
      'listener.security.protocol.map': 'CONTROLLER:SASL_PLAINTEXT,CLIENTS:SASL_PLAINTEXT,TLS:SASL_SSL',
      [`${listener}.sasl.enabled.mechanisms`]: 'SCRAM-SHA-512',
      [`${listener}.scram-sha-512.sasl.jaas.config`]:
        'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      [`${listener}.ssl.keystore.type`]: 'PEM',
      [`${listener}.ssl.keystore.location`]: this.#keyStore,
      [`${listener}.ssl.truststore.type`]: 'PEM',
      [`${listener}.ssl.truststore.location`]: tls.ca,
      [`${listener}.ssl.client.auth`]: 'required',
    };
  }

  /** The command up to the class that is run. */
  #command(...jvm: readonly string[]): string[] {
    const { installed, folder } = this.#options;
    return [
      join(this.#java.home, 'bin/java'),
      ...jvm,
      `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
      `-Dlog4j2.configurationFile=${join(folder, 'log4j2.properties')}`,
      '-cp',
      `${installed.path}/libs/*`,
    ];
  }
}
