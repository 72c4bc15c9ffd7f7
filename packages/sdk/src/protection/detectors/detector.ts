/** Where something stands in a text: from `start` up to, and without, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Finds one kind of personal data in texts. */
export interface Detector {
  /** What stands in its place: `[masked:<kind>]`. */
  readonly kind: string;
  /** Whether a text of these characters may hold any: cheap, and `true` where in doubt. */
  mayHold(looks: Looks): boolean;
  /** The first at or after `from`. Looks at each character a bounded number of times. */
  find(text: string, from: number): Span | undefined;
}

/** How many of some characters a text has. */
export interface Looks {
  readonly digits: number;
  readonly dots: number;
  readonly colons: number;
  /** `@`, and `%`, since `%40` is one in a URL. */
  readonly ats: number;
}

/** What stands in place of something that was masked. */
export function masked(kind: string): string {
  return `[masked:${kind}]`;
}

/** `text` with everything that `detector` finds replaced. */
export function maskAll(text: string, { kind, find }: Detector): string {
  let result = '';
  let at = 0;
  for (let span = find(text, 0); span; span = find(text, at)) {
    result += text.slice(at, span.start) + masked(kind);
    at = span.end;
  }
  return at === 0 ? text : result + text.slice(at);
}

/** Counts, in one pass, what detectors ask about. */
export function look(text: string): Looks {
  let digits = 0;
  let dots = 0;
  let colons = 0;
  let ats = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    // Letters, and what is no ASCII.
    if (code > 0x40) continue;
    if (code >= 0x30 && code <= 0x39) digits++;
    else if (code === 0x2e) dots++;
    else if (code === 0x3a) colons++;
    else if (code === 0x40 || code === 0x25) ats++;
  }
  return { digits, dots, colons, ats };
}
