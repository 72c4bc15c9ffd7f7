/** How `botaudit` ends. Part of the interface: scripts decide by them. */
export const EXIT = {
  /** Done; what was asked for is so. */
  ok: 0,
  /**
   * Done, and the answer is no: `verify`, `doctor`, `archive --restore-check` or `policy check` found something wrong,
   * `policy dry-run` records of high risk that would go, `show`, `search` or `export` found no record, `decrypt` could not decrypt all, `keys list` found a key of no use, `ship --once` or `--rejected` had records refused, a dry run of `index --setup`
   * something to change.
   */
  no: 1,
  /** It could not be done, or not wholly: wrong usage, no journal, something that can't be read. */
  failed: 2,
  /** `run`: the command can't be executed. */
  notExecutable: 126,
  /** `run`: there is no such command. */
  notFound: 127,
} as const;

/** What went wrong, in one line for the person at the terminal: what, where, and what to do about it. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }

  /** A wrong argument or option. */
  static usage(message: string): Failure {
    return new Failure(message, EXIT.failed);
  }
}
