import { readdir, readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { findOnPath, isExecutable } from '../command.ts';
import { StackError } from '../part.ts';

/** Names the Java to use in place of one that would be found. */
const VARIABLE = 'BOTAUDIT_JAVA_HOME';

/** A Java runtime. */
export interface Java {
  /** Its folder: what `JAVA_HOME` would name. */
  readonly home: string;
  /** Feature release, such as 21. */
  readonly release: number;
}

/**
 * Finds a Java runtime: `BOTAUDIT_JAVA_HOME`, `JAVA_HOME`, the `java` on the PATH, and where package managers put them.
 *
 * @param atLeast oldest release that will do.
 * @returns the named one, else the newest; `undefined` when none is new enough.
 * @throws {StackError} when `BOTAUDIT_JAVA_HOME` names none, or one that is too old.
 */
export async function findJava(env: NodeJS.ProcessEnv, atLeast: number): Promise<Java | undefined> {
  const named = env[VARIABLE];
  if (named) {
    const java = await javaAt(named);
    if (!java)
      throw new StackError(`${VARIABLE} names ${named}, which holds no Java (no bin/java, or no release file)`);
    if (java.release >= atLeast) return java;
    throw new StackError(`${VARIABLE} names ${named}, which is Java ${java.release}; ${atLeast} or newer is needed`);
  }
  const found = await Promise.all((await candidates(env)).map(javaAt));
  return found
    .filter((java) => java !== undefined && java.release >= atLeast)
    .reduce((best, java) => (best && java && best.release >= java.release ? best : java), undefined);
}

async function candidates(env: NodeJS.ProcessEnv): Promise<string[]> {
  const homes = env.JAVA_HOME ? [env.JAVA_HOME] : [];
  const onPath = await findOnPath('java', env);
  // Usually a chain of links that ends in the runtime's own folder.
  if (onPath) homes.push(dirname(dirname(await realpath(onPath))));
  const sdkman = join(homedir(), '.sdkman/candidates/java');
  for (const folder of ['/usr/lib/jvm', '/usr/java', '/opt/java', '/opt/homebrew/opt', sdkman]) {
    homes.push(...(await namesIn(folder)).map((name) => join(folder, name)));
  }
  const mac = '/Library/Java/JavaVirtualMachines';
  homes.push(...(await namesIn(mac)).map((name) => join(mac, name, 'Contents/Home')));
  return homes;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []); // Most machines have one of these folders, none has all.
}

async function javaAt(home: string): Promise<Java | undefined> {
  if (!(await isExecutable(join(home, 'bin/java')))) return undefined;
  const release = await readFile(join(home, 'release'), 'utf8').catch(() => '');
  const version = /^JAVA_VERSION="(?:1\.)?(\d+)/m.exec(release)?.[1];
  return version ? { home, release: Number(version) } : undefined;
}
