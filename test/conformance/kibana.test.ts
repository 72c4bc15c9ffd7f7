import { expect, test } from 'vitest';
import { readSavedObjects } from '../support/kibana.ts';

const objects = await readSavedObjects();
const key = ({ type, id }: { readonly type: string; readonly id: string }) => `${type} ${id}`;

test('no two saved objects have one id, and none has one that others could have', () => {
  expect(new Set(objects.map(key)).size).toBe(objects.length);
  expect(objects.filter(({ id }) => !id.startsWith('botaudit-')).map(key)).toEqual([]);
});

test('what a saved object refers to is there, before it', () => {
  const seen = new Set<string>();
  for (const object of objects) {
    for (const reference of object.references) expect(seen, key(object)).toContain(key(reference));
    seen.add(key(object));
  }
});

test('every search and panel is on a dashboard, or to be found in Discover', () => {
  const used = new Set(objects.flatMap(({ references }) => references.map(key)));
  expect(objects.filter((object) => object.type === 'lens' && !used.has(key(object))).map(key)).toEqual([]);
});

test('each panel of a dashboard has its reference, its place on the grid, and no neighbour there', () => {
  const dashboards = objects.filter(({ type }) => type === 'dashboard');
  expect(dashboards.map(({ id }) => id)).toEqual(['botaudit-subject', 'botaudit-integrity']);
  for (const { attributes, references } of dashboards) {
    const panels = JSON.parse(attributes.panelsJSON as string) as {
      type: string;
      panelIndex: string;
      panelRefName: string;
      gridData: { x: number; y: number; w: number; h: number };
    }[];
    const names = new Map(references.map(({ name, type }) => [name, type]));
    const cells = new Set<string>();
    let area = 0;
    for (const { type, panelIndex, panelRefName, gridData } of panels) {
      expect(names.get(`${panelIndex}:${panelRefName}`)).toBe(type);
      const { x, y, w, h } = gridData;
      expect(x + w).toBeLessThanOrEqual(48);
      for (let column = x; column < x + w; column++)
        for (let row = y; row < y + h; row++) cells.add(`${column} ${row}`);
      area += w * h;
    }
    expect(cells.size).toBe(area);
  }
});
