import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inWorkFolder } from '../cache.ts';
import { findOnPath, run } from '../command.ts';
import { type InstallContext, StackError } from '../part.ts';
import { findJava, type Java } from './java.ts';

const VERSION = '4.3.1';
/** Counted up when the steps below change what they make. */
const RECIPE = 1;

/** The oldest Java that the broker runs on. */
const OLDEST_JAVA = 17;

/** What Kafka logs with; its own modules name an interface only. */
const LOG4J_VERSION = '2.25.3';

const DEPENDENCIES = [
  ['org.apache.kafka', 'kafka_2.13', VERSION],
  ['org.apache.kafka', 'kafka-tools', VERSION],
  ['org.apache.logging.log4j', 'log4j-slf4j-impl', LOG4J_VERSION],
  ['org.apache.logging.log4j', 'log4j-core', LOG4J_VERSION],
] as const;

/** A project of no code, for Maven to find what these depend on. */
const PROJECT = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>botaudit.stack</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
${DEPENDENCIES.map(([group, name, version]) => `    <dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`).join('\n')}
  </dependencies>
</project>
`;

/**
 * The Java to run Kafka with.
 *
 * @throws {StackError} when there is none that is new enough.
 */
export async function javaForKafka(env: NodeJS.ProcessEnv): Promise<Java> {
  const java = await findJava(env, OLDEST_JAVA);
  if (java) return java;
  throw new StackError(`Kafka ${VERSION} needs Java ${OLDEST_JAVA} or newer, and there is none.
Install a JDK, or name one: BOTAUDIT_JAVA_HOME=/path/to/jdk`);
}

/** Where it stands in the cache, laid out as an unpacked release of Kafka: programs in `libs`. */
export function cachedKafka(cache: string): string {
  return join(cache, `kafka-${VERSION}-${RECIPE}`);
}

/** Whether `folder` holds a Kafka of a release that keeps its own metadata (4 and later). */
export async function holdsKafka(folder: string): Promise<boolean> {
  const names = await readdir(join(folder, 'libs')).catch(() => []); // No such folder: no Kafka.
  return names.some((name) => /^kafka_2\.\d+-([4-9]|\d{2,})\..*\.jar$/.test(name));
}

/**
 * Fetches Kafka and all that it needs with Maven. What an interrupted download has brought stays with Maven, and is not
 * fetched again.
 *
 * @param otherwise what else a user can do.
 * @returns its folder.
 * @throws {StackError} when Maven or Java is missing, or a step fails.
 */
export async function fetchKafka({ env, cache, progress }: InstallContext, otherwise: string): Promise<string> {
  await javaForKafka(env);
  const maven = await findOnPath('mvn', env);
  if (!maven) {
    throw new StackError(`Kafka is fetched with Maven, and there is no \`mvn\` on the PATH. Install Maven.
${otherwise}`);
  }
  const path = cachedKafka(cache);
  await inWorkFolder(cache, async (folder) => {
    const kafka = join(folder, 'kafka');
    await mkdir(kafka);
    await writeFile(join(folder, 'pom.xml'), PROJECT);
    const args = [
      '--batch-mode',
      '--no-transfer-progress',
      'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies',
      `-DoutputDirectory=${join(kafka, 'libs')}`,
      '-DincludeScope=runtime',
    ];
    const log = join(cache, 'install.log');
    await progress.step(`Kafka ${VERSION}`, () => run(maven, args, { cwd: folder, env, log }));
    if (!(await holdsKafka(kafka))) throw new StackError(`Maven has brought no Kafka; see ${log}\n${otherwise}`);
    await rename(kafka, path);
  });
  return path;
}
