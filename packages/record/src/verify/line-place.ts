/** Where a line was found. */
export interface LinePlace {
  /** The id of the stream whose folder it is in, or any name for a source, such as a file's. */
  readonly stream: string;
  /** Whether the source holds that one stream alone, so that a record of another one is false. Default `false`. */
  readonly exclusive?: boolean | undefined;
  /** What the source holds, where it holds one kind of them: a line of the other kind is false. Default: both. */
  readonly holds?: 'records' | 'checkpoints' | undefined;
  /** Whether a newline follows. Only the last line of a segment may lack one. */
  readonly terminated: boolean;
  /** Why there is no line, where the reader could not make a text of it. */
  readonly defect?: 'invalid-utf8' | 'too-long' | 'unreadable' | undefined;
  /**
   * Whether it came so lately that what it names may still be on its way: that this is not there is a notice then.
   * Default `false`.
   */
  readonly recent?: boolean | undefined;
  /** Where it stands, for the findings: `00000001.ndjson:12`. */
  readonly position?: string | undefined;
}

/** Whether all of a line is there, however little it is worth. */
export function isWhole({ terminated, defect }: LinePlace): boolean {
  return terminated || defect === 'too-long' || defect === 'unreadable';
}

/** A line's place as the end of a finding. */
export function at({ position }: LinePlace): string {
  return position === undefined ? '' : ` (${position})`;
}
