import { relative } from 'node:path';
import type { Config, Policy, PolicyRule, Setting } from '@botaudit/sdk';
import { Columns, displayWidth, type Paint } from '../text/columns.js';

/** The settings that are as the preset has them. */
export function ofPreset(settings: readonly Setting[]): { readonly key: string; readonly value: unknown }[] {
  return settings.filter(({ isOfPreset }) => isOfPreset).map(({ key, value }) => ({ key, value }));
}

/** The rules in force in their order, then the settings that are the preset's, each with its reason. */
export async function effective(
  { policy: { preset: name } }: Config,
  policy: Policy,
  settings: readonly Setting[],
  paint: Paint,
): Promise<string[]> {
  const { PRESETS } = await import('@botaudit/sdk');
  const preset = name && PRESETS[name];
  const said = policy.describe();
  const own = policy.rules.length - (preset?.rules.length ?? 0);
  const rules = policy.rules.map((rule, index) => [
    placeOf(rule),
    textOf(said[index] ?? {}),
    preset?.rules[index - own]?.because ?? '',
  ]);
  const set = ofPreset(settings).map(({ key, value }) => [
    `preset ${name}`,
    `${key}: ${shown(value)}`,
    preset?.settings[key]?.because ?? '',
  ]);
  const rows = [...rules, ['catalogue', 'everything else, as the catalogue of events says', ''], ...set];
  const columns = new Columns(
    paint,
    [0, 1].map((column) => Math.max(...rows.map((cells) => displayWidth(cells[column] ?? '')))),
  );
  return rows.map((cells) =>
    columns.line(
      cells.map((text, column) => ({ text, style: column === 2 ? 'dim' : undefined })),
      Number.POSITIVE_INFINITY,
    ),
  );
}

function placeOf({ place: { key = '', file, line } }: PolicyRule): string {
  return file === undefined ? key : `${key}, ${relative('', file)}:${line}`;
}

/** A rule in the words of the file. */
function textOf(rule: Readonly<Record<string, unknown>>): string {
  return Object.entries(rule)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${shown(value)}`)
    .join('; ');
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${textOf(value as Readonly<Record<string, unknown>>).replaceAll('; ', ', ')} }`;
}
