/** Tests that show a guarantee to hold; they inject the real fault. */
export interface Proof {
  /** Of `vitest.config.ts`. */
  readonly project: 'unit' | 'e2e' | 'faults' | 'stack';
  /** Paths from the top of the repository. */
  readonly files: readonly string[];
  /** Only the tests whose full name has this, a regular expression. */
  readonly only?: string;
  /** What makes the run longer than the one that is made for every change. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A promise: what survives which fault. */
export interface Guarantee {
  /** As it is named on the command line: `npm run guarantees -- --only kill`. */
  readonly id: string;
  /** What happens. */
  readonly fault: string;
  /** What is promised then, and what is not. */
  readonly promise: string;
  readonly proof: Proof;
}

/** Guarantees of one kind. */
export interface Chapter {
  readonly title: string;
  /** What goes for all of them. */
  readonly text: string;
  readonly guarantees: readonly Guarantee[];
}

/** What a run of a proof came to. */
export interface Result {
  /** The command that was run. */
  readonly command: string;
  /** ISO 8601, day only. */
  readonly date: string;
  /** Of the code that was run. */
  readonly commit: string;
  /** Node.js, platform, processor. */
  readonly machine: string;
  readonly passed: number;
  readonly failed: number;
  /** Tests that this machine could not run. */
  readonly skipped: number;
  readonly seconds: number;
  /** What the tests said that they counted. */
  readonly figures: readonly string[];
}

/** The command that runs a proof, for a shell at the top of the repository. */
export function commandOf({ project, files, only, env = {} }: Proof): string {
  return [
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
    'npx vitest run --project',
    project,
    ...files,
    ...(only === undefined ? [] : [`-t '${only}'`]),
  ].join(' ');
}
