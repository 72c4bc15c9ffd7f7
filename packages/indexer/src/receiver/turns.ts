/** Lets one piece of work begin when the one before it has ended: the memory that one takes is taken once. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Does `work` when it is its turn. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    // The next one's turn comes however this one ends.
    this.#last = turn.catch(() => {});
    return turn;
  }
}
