import type { FieldAction, FieldActions } from './field-action.js';

/** A point in the paths of rules: what stands there, and how they go on. */
interface Node {
  /** What is done with a field whose path ends here. */
  rule?: Rule;
  /** The greatest weight of the rules further on. */
  heaviest: number;
  readonly named: Map<string, Node>;
  /** `*`: any one name. */
  any?: Node;
  /** `**`: any number of names. */
  deep?: Node;
}

interface Rule {
  readonly action: FieldAction;
  /** Of several that are about a field the greatest decides. */
  readonly weight: number;
}

/** Where in the paths of rules a field is: at several points at once, where they have stars. */
export interface Place {
  readonly nodes: readonly Node[];
  /** What is done with the field; `undefined` where no rule is about it. */
  readonly action: FieldAction | undefined;
  readonly weight: number;
}

/**
 * Rules about fields, by their paths. Of several that are about a field the most specific decides: those of a policy's
 * rule before those for all events; then a path without stars, one with `*`, one with `**`; then the one of more names.
 */
export class FieldRules {
  readonly #root: Place;

  /**
   * @param general those for all events.
   * @param own those of a policy's rule.
   */
  constructor(general: FieldActions, own: FieldActions = {}) {
    const root = newNode();
    for (const [path, action] of Object.entries(general)) add(root, path, { action, weight: weightOf(path) });
    for (const [path, action] of Object.entries(own)) add(root, path, { action, weight: OWN + weightOf(path) });
    this.#root = placeOf(withDeep([root]), undefined);
  }

  /** Where fields begin. */
  get root(): Place {
    return this.#root;
  }

  /** The place of the member `name` of what is at `place`. What is done with the whole is done with its parts. */
  static member(place: Place, name: string): Place {
    const nodes: Node[] = [];
    for (const node of place.nodes) {
      const named = node.named.get(name);
      if (named) nodes.push(named);
      if (node.any) nodes.push(node.any);
      // Any number of names: it stays where it is.
      if (node.deep) nodes.push(node.deep);
    }
    return nodes.length === 0 && place.nodes.length === 0 ? place : placeOf(withDeep(nodes), place);
  }

  /** Whether rules about parts of what is at `place` may say something else of them. */
  static hasParts({ nodes, weight }: Place): boolean {
    return nodes.some(({ heaviest }) => heaviest >= weight && heaviest > NONE);
  }
}

/** Less than any path weighs, */
const NONE = -1;
/** and more. */
const OWN = 1_000_000;

function weightOf(path: string): number {
  const parts = path.split('.');
  const names = parts.filter((part) => part !== '*' && part !== '**').length;
  const kind = parts.includes('**') ? 0 : parts.includes('*') ? 1 : 2;
  return kind * 100_000 + names * 300 + parts.length;
}

function add(root: Node, path: string, rule: Rule): void {
  let node = root;
  for (const part of path.split('.')) {
    node.heaviest = Math.max(node.heaviest, rule.weight);
    node = step(node, part);
  }
  node.rule = node.rule && node.rule.weight > rule.weight ? node.rule : rule;
}

function step(node: Node, part: string): Node {
  if (part === '*') {
    node.any ??= newNode();
    return node.any;
  }
  if (part === '**') {
    node.deep ??= deepNode();
    return node.deep;
  }
  const known = node.named.get(part);
  if (known) return known;
  const next = newNode();
  node.named.set(part, next);
  return next;
}

function newNode(): Node {
  return { heaviest: NONE, named: new Map() };
}

/** One that is its own next: it is there for every further name. */
function deepNode(): Node {
  const node = newNode();
  node.deep = node;
  return node;
}

/** `**` stands for no name as well. */
function withDeep(nodes: readonly Node[]): readonly Node[] {
  const all = new Set(nodes);
  for (const node of all) if (node.deep) all.add(node.deep);
  return [...all];
}

function placeOf(nodes: readonly Node[], above: Place | undefined): Place {
  let action = above?.action;
  let weight = above?.weight ?? NONE;
  for (const { rule } of nodes) {
    // Of the same weight the part's own, not that of the whole.
    if (!rule || rule.weight < weight) continue;
    ({ action, weight } = rule);
  }
  return { nodes, action, weight };
}
