/** A range of versions, as `major.minor.patch`. */
export interface SupportedVersions {
  /** The oldest one that is supported. */
  readonly from: string;
  /** The first one that is not supported any more; its prereleases aren't either. */
  readonly below: string;
}

export function isSupported({ from, below }: SupportedVersions, version: string): boolean {
  const numbers = parse(version);
  return numbers !== undefined && compare(numbers, parse(from) ?? []) >= 0 && compare(numbers, parse(below) ?? []) < 0;
}

/** For a reader: `>=1.10.0 <2.0.0`. */
export function supportedText({ from, below }: SupportedVersions): string {
  return `>=${from} <${below}`;
}

function parse(version: string): readonly number[] | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version);
  return match?.slice(1).map(Number);
}

function compare(left: readonly number[], right: readonly number[]): number {
  const index = left.findIndex((number, at) => number !== right[at]);
  return index === -1 ? 0 : (left[index] ?? 0) - (right[index] ?? 0);
}
