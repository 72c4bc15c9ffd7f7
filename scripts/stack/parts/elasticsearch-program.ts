import { join } from 'node:path';
import { isFolder, run } from '../command.ts';

/** How the commands of an {@link ElasticsearchProgram} are run. */
export interface ElasticsearchProgramOptions {
  /** Folder of the program. */
  readonly home: string;
  /** Folder of the node, with `config` and `tmp` in it. */
  readonly folder: string;
  /** Heap of the server, in megabytes. */
  readonly heapMb: number;
  /** Path of the `java` that runs it. */
  readonly java: string;
}

/** The commands of an unpacked Elasticsearch, without the shell scripts around them, for one node. */
export class ElasticsearchProgram {
  readonly home: string;
  /** Variables that each command is run with. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly #java: string;
  readonly #config: string;

  constructor({ home, folder, heapMb, java }: ElasticsearchProgramOptions) {
    this.home = home;
    this.#java = java;
    this.#config = join(folder, 'config');
    this.env = {
      PATH: process.env.PATH,
      JAVA: java,
      JAVA_TYPE: 'ES_JAVA_HOME',
      ES_HOME: home,
      ES_PATH_CONF: this.#config,
      ES_DISTRIBUTION_TYPE: 'zip',
      ES_TMPDIR: join(folder, 'tmp'),
      ES_JAVA_OPTS: `-Xms${heapMb}m -Xmx${heapMb}m -XX:TieredStopAtLevel=1`,
    };
  }

  /** The command that runs the server: the launcher of newer releases, or their tool of that name. */
  async server(): Promise<string[]> {
    const launcher = 'lib/tools/server-launcher';
    if (!(await isFolder(join(this.home, launcher)))) return this.#tool('server', 'server-cli');
    return [...this.#jvm(), '-cp', `${launcher}/*`, 'org.elasticsearch.server.launcher.ServerLauncher'];
  }

  /**
   * Runs the tool for the keystore of secrets.
   *
   * @throws {StackError} when it fails.
   */
  async keystore(...args: readonly string[]): Promise<void> {
    const [command = '', ...rest] = await this.#tool('keystore', 'keystore-cli');
    await run(command, [...rest, ...args], { cwd: this.home, env: this.env });
  }

  async #tool(name: string, library: string): Promise<string[]> {
    const libraries = (await isFolder(join(this.home, 'lib-cli'))) ? 'lib-cli' : 'lib';
    return [
      ...this.#jvm(),
      `-Dcli.name=${name}`,
      `-Dcli.script=${this.home}/bin/elasticsearch`,
      `-Dcli.libs=lib/tools/${library}`,
      `-Des.path.home=${this.home}`,
      `-Des.path.conf=${this.#config}`,
      '-Des.distribution.type=zip',
      '-Des.java.type=ES_JAVA_HOME',
      '-cp',
      `${libraries}/*:lib/cli-launcher/*`,
      'org.elasticsearch.launcher.CliToolLauncher',
    ];
  }

  #jvm(): string[] {
    return [this.#java, '-Xms4m', '-Xmx64m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  }
}
