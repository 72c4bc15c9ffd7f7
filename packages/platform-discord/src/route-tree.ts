import { isSnowflake } from './ids.js';
import type { RouteRule } from './route-rules.js';
import { READING, READS, ROUTES } from './routes.js';

/** A route of the API, as requests to it are recorded. */
interface Route {
  /** `PUT /guilds/:guild/bans/:user`. */
  readonly name: string;
  /** `undefined` for what is no action. */
  readonly rule: RouteRule | undefined;
}

/** A route with the ids that a request has put in the places of its placeholders. */
export interface FoundRoute extends Route {
  /** Those that are ids; tokens, codes and whatever else is not left out. */
  readonly ids: Readonly<Record<string, string>>;
}

interface Node {
  readonly literals: Map<string, Node>;
  /** What goes on where a placeholder stands; they may be named differently. */
  wildcard: Node | undefined;
  /** By method, the placeholders' names with each. */
  readonly routes: Map<string, Route & { readonly places: readonly string[] }>;
}

const node = (): Node => ({ literals: new Map(), wildcard: undefined, routes: new Map() });
const root = node();
/** Words that the API's routes are made of; anything else in a path may be a secret. */
const WORDS = new Set<string>();

for (const [name, rule] of Object.entries<RouteRule | undefined>(ROUTES)) add({ name, rule });
for (const name of READING) add({ name, rule: READS });

function add(route: Route): void {
  const [method = '', path = ''] = route.name.split(' ');
  const places: string[] = [];
  let at = root;
  for (const segment of path.split('/').slice(1)) {
    if (segment.startsWith(':')) {
      places.push(segment.slice(1));
      at.wildcard ??= node();
      at = at.wildcard;
      continue;
    }
    WORDS.add(segment);
    const next = at.literals.get(segment) ?? node();
    at.literals.set(segment, next);
    at = next;
  }
  at.routes.set(method, { ...route, places });
}

/** Longer paths than this are none of Discord's. */
const MAX_SEGMENTS = 16;

/** Finds the route of a request. What is in no table is named by the words that Discord uses, and mapped by its method. */
export function findRoute(method: string, path: string): FoundRoute {
  const [bare = ''] = path.split('?', 1);
  // Some versions encode what they put in: `%40original`, of which the API knows the meaning all the same.
  const segments = bare.replaceAll('%40', '@').split('/', MAX_SEGMENTS).slice(1);
  const found = walk(root, method, segments, 0, []);
  if (!found) return { name: `${method} ${generalized(segments)}`, rule: unheardOf(method), ids: {} };
  const { route, values } = found;
  const ids: Record<string, string> = {};
  route.places.forEach((place, index) => {
    const value = values[index];
    if (value !== undefined && isSnowflake(value)) ids[place] = value;
  });
  return { name: route.name, rule: route.rule, ids };
}

interface Walked {
  readonly route: Route & { readonly places: readonly string[] };
  readonly values: readonly string[];
}

function walk(
  at: Node,
  method: string,
  segments: readonly string[],
  index: number,
  values: string[],
): Walked | undefined {
  const segment = segments[index];
  if (segment === undefined) {
    const route = at.routes.get(method);
    return route && { route, values };
  }
  const literal = at.literals.get(segment);
  const exact = literal && walk(literal, method, segments, index + 1, values);
  if (exact || !at.wildcard) return exact;
  return walk(at.wildcard, method, segments, index + 1, [...values, segment]);
}

function generalized(segments: readonly string[]): string {
  return `/${segments.map((segment) => (WORDS.has(segment) ? segment : isSnowflake(segment) ? ':id' : ':other')).join('/')}`;
}

const VERBS: Readonly<Record<string, string>> = {
  GET: 'READ',
  POST: 'CREATE',
  PUT: 'UPDATE',
  PATCH: 'UPDATE',
  DELETE: 'DELETE',
};

/** A route that is newer than the table: what its method says. */
function unheardOf(method: string): RouteRule {
  return { event: 'bot.api.call', action: Object.hasOwn(VERBS, method) ? VERBS[method] : undefined };
}
