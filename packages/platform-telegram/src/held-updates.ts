import { guard } from '@botaudit/instrumentation';

/** Where a framework keeps the id of the update that is asked for next: whatever is below it counts as delivered. */
export interface NextUpdate {
  /** @returns `undefined` where it is not known. */
  readonly get: (poller: object) => number | undefined;
  readonly set: (poller: object, updateId: number) => void;
}

/** The updates of one poller that are held. */
interface Held {
  readonly ids: Set<number>;
  /** What would be asked for next if none were held. */
  readonly next: number;
  /** What is asked for next because they are. */
  asked: number;
}

/**
 * Keeps a bot from telling Telegram that it has the updates which are held, so that they are delivered again should it
 * end before they are handled.
 *
 * @param source what errors of ours are counted under: the framework's name.
 * @returns holds an update of whatever polls; what that returns lets go of it.
 */
export function heldUpdates(source: string, { get, set }: NextUpdate): (poller: object, id: unknown) => () => void {
  const heldBy = new WeakMap<object, Held>();

  /** Where the poller has gone on by itself since, those that were held have been given up. */
  const current = (poller: object): Held | undefined => {
    const held = heldBy.get(poller);
    return held?.asked === get(poller) ? held : undefined;
  };

  const apply = (poller: object, held: Held): void => {
    held.asked = held.ids.size === 0 ? held.next : Math.min(...held.ids);
    set(poller, held.asked);
  };

  return (poller, id) => {
    guard(source, () => {
      const next = get(poller);
      if (typeof id !== 'number' || next === undefined) return;
      const held = current(poller) ?? { ids: new Set(), next, asked: next };
      heldBy.set(poller, held);
      held.ids.add(id);
      apply(poller, held);
    });
    return () => {
      guard(source, () => {
        const held = current(poller);
        if (held?.ids.delete(id as number)) apply(poller, held);
      });
    };
  };
}
