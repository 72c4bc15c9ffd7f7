/** One line of the performance page: what is promised, and what was measured. */
export interface Goal {
  readonly promise: string;
  readonly measured: string;
  readonly met: boolean;
}

/** A section of the performance page. */
export interface Section {
  readonly title: string;
  /** What was measured against what, and how. */
  readonly method: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly goals: readonly Goal[];
}
