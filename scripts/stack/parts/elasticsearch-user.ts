import { chown, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findOnPath, run } from '../command.ts';
import { StackError } from '../part.ts';

/** Elasticsearch refuses to be root: then it runs as the user that owns nothing, `nobody`. */
const UNPRIVILEGED_ID = 65_534;

const isRoot = () => process.getuid?.() === 0;

/** Gives what stands in `folder` to the user that the server will be. */
export async function handOver(folder: string): Promise<void> {
  if (!isRoot()) return;
  for (const entry of await readdir(folder, { recursive: true })) {
    await chown(join(folder, entry), UNPRIVILEGED_ID, UNPRIVILEGED_ID);
  }
  await chown(folder, UNPRIVILEGED_ID, UNPRIVILEGED_ID);
}

/**
 * The command before the server's that makes it another user than root; nothing for who is not root.
 *
 * @throws {StackError} when there is none here.
 */
export async function otherUser(): Promise<string[]> {
  if (!isRoot()) return [];
  const setpriv = await findOnPath('setpriv', process.env);
  if (setpriv) return [setpriv, `--reuid=${UNPRIVILEGED_ID}`, `--regid=${UNPRIVILEGED_ID}`, '--clear-groups'];
  throw new StackError('Elasticsearch does not run as root, and there is no `setpriv` (of util-linux) to change that');
}

/** Whether the user that the server will be gets to `path`. */
export async function isWithinReach(path: string): Promise<boolean> {
  const [command = 'test', ...args] = [...(await otherUser()), 'test', '-r', path, '-a', '-x', path];
  return run(command, args).then(
    () => true,
    () => false,
  );
}
