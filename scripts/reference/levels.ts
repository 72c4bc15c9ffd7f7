import { table } from './markdown.ts';

/** What the levels above `metadata` add to records, by what they are about: each level holds all of the one before. */
export function levelsSection(what: {
  /** What reaches the bot, with a body that shows all that can be there. */
  readonly inbound?: readonly (readonly [string, object | undefined])[];
  readonly outbound: readonly (readonly [string, object | undefined])[];
}): string {
  const rows = (examples: readonly (readonly [string, object | undefined])[], whole: string) =>
    examples.map(([name, body]) => [
      name,
      Object.keys(body ?? {})
        .map((key) => `\`${key}\``)
        .join(', ') || '–',
      whole,
    ]);
  return [
    '\n## What else is recorded at `content` and `full`\n',
    'A [policy](../policy.md#levels) may ask for more. This is what then stands in the body of a record:\n',
    table(
      ['what', '`content`', '`full`, too'],
      [...rows(what.inbound ?? [], '`update`'), ...rows(what.outbound, '`request`, `response`')],
    ),
    '\nOf a record of two stages, the attempt holds what was asked for, the outcome what was answered. Secrets are removed, and ' +
      'files told of by name, type, size and SHA-256, at every level.',
  ].join('\n');
}
