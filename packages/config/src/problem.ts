/** Where a configuration says something. */
export interface ConfigPlace {
  /** The option, e.g. `journal.max_bytes`; absent when the file as a whole is wrong. */
  readonly key?: string | undefined;
  /** The file it stands in. */
  readonly file?: string | undefined;
  /** Its line there, from 1. */
  readonly line?: number | undefined;
  /** The environment variable it came from. */
  readonly variable?: string | undefined;
}

/** One thing that is wrong with a configuration. */
export interface ConfigProblem extends ConfigPlace {
  /** What is wrong, in words. Never holds the value of a secret. */
  readonly problem: string;
  /** What would be right, in words. */
  readonly allowed?: string | undefined;
}

/** `problem` as one line for a reader: where, what, and what is allowed. */
export function formatProblem({ key, file, line, variable, problem, allowed }: ConfigProblem): string {
  const place = variable ?? (file === undefined ? undefined : line === undefined ? file : `${file}:${line}`);
  const where = [place, variable === undefined ? key : undefined].filter((part) => part !== undefined).join(': ');
  return `${where}: ${problem}${allowed === undefined ? '' : `; allowed: ${allowed}`}`;
}

/**
 * The configuration is wrong, and auditing does not start with it. Its message names every problem; `file`, `line`, `key`,
 * `variable` and `allowed` are those of the first.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** Machine-readable kind, stable across versions. */
  readonly code = 'ERR_AUDIT_CONFIG';
  readonly #problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(`The configuration is wrong.\n${problems.map((problem) => `  ${formatProblem(problem)}`).join('\n')}`);
    this.#problems = problems;
    // It is the operator's to mend: where in our code it was found would only hide what it says.
    this.stack = `${this.name}: ${this.message}`;
  }

  get problems(): readonly ConfigProblem[] {
    return this.#problems;
  }

  get file(): string | undefined {
    return this.#problems[0]?.file;
  }

  get line(): number | undefined {
    return this.#problems[0]?.line;
  }

  get key(): string | undefined {
    return this.#problems[0]?.key;
  }

  get variable(): string | undefined {
    return this.#problems[0]?.variable;
  }

  get allowed(): string | undefined {
    return this.#problems[0]?.allowed;
  }
}
