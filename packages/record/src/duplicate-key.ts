/*
 * By which two events are known to be the same, across processes and restarts: each is made from what their records hold,
 * so that it can be made again from those. No id of a platform holds the separator.
 */

/**
 * Of an update: which bot it reached, and what the platform calls it. An id alone may stand for several, such as a message
 * and that it was deleted.
 *
 * @returns `undefined` where the platform gave it no id.
 */
export function updateKey(
  bot: string | undefined,
  id: string | undefined,
  type: string | undefined,
): string | undefined {
  return bot === undefined || id === undefined ? undefined : `update\0${bot}\0${id}\0${type ?? ''}`;
}

/**
 * Of what a bot does.
 *
 * @param cause what it does it for: the key of the update, or the id of the record that led to it.
 * @param hash of its arguments.
 */
export function actionKey(bot: string | undefined, cause: string, method: string, hash: string): string {
  return `action\0${bot ?? ''}\0${cause}\0${method}\0${hash}`;
}

/** @param hash of the key that an application gave. */
export function applicationKey(hash: string): string {
  return `key\0${hash}`;
}
